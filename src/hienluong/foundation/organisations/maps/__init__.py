"""The ground of maps: coasts, borders and the names of communes, without asking another address."""
