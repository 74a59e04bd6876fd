"""How an official paper looks: Nghị định 30/2020/NĐ-CP, Phụ lục I and the specimens of Phụ lục III.

Plain values go in (:class:`~.content.Content`), a PDF/A and the places of the signatures come out
(:func:`~.rendering.render`). Nothing here knows a model.
"""
