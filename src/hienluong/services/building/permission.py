"""Who may build packs: a permission at the organisation that owns the draft."""

from __future__ import annotations

from hienluong.foundation.actions.permissions import Permission

BUILD = Permission("packs.build", "Soạn gói khai báo", "Build packs")
