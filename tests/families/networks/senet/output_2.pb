
Blinear42J(Q™½¿"Õw?DºC=‹¾=d³j=Q-f=Ý‰¾Ä£?bi±¾ž4ô>