module zoeklicht

go 1.26
