"""
The claim logic, once for every shop.

``intake``     a delivery becomes a plan: rows of actions, due or held
``engine``     a due action: journal the intent, call the shop, journal the outcome; and ask after what is unsure
``reporting``  a done action is told to Order Protection
``people``     what a person may decide

All of it takes clock, chance, ledger and shop as arguments and knows no thread, no sleep and no network.
"""
