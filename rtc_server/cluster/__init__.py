"""Workers on many machines, over Ray: front processes place, actors hold. On their loops."""
