
Blinear55J(úšÉ=FÉa¾RÞ¾¾R…¾>E²m>&I4¾²Çh> S.¾üN½Šœ7=