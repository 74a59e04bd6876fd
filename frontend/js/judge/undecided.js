// Thrown when this judge does not know what the server would say. Whoever asked then says nothing: the server judges.
export class Undecided extends Error {}
