"""The gateway of the data-sharing bus: what it lets pass (the snapshot), and the files of Envoy made from that.

Nothing here imports Django: the mediator reads the same snapshot in a process that must stay small.
"""
