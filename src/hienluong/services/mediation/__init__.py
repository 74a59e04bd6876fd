"""The mediator behind the gateway: a small program without Django (``python -m hienluong.services.mediation``)."""
