"""The bridge between programs and notation: ``write`` one way, ``read`` the other."""
