"""Reading scans and files of official documents: their text, and what it says of number, date, issuer and the like.

``ocr.read`` gives the text, ``suggest.suggest`` the fields an official confirms. Nothing here knows a model.
"""
