
Blinear35J(ÃB>ÜÚj>ˆ÷h=&£>_*?Z‘>aÆo>´xZ½~ ®>zJ¾