"""WebChannel: the streams of Firestore as browsers open them, over HTTP/1.1 requests.

A session is opened by a POST, fed by further POSTs (the forward channel) and heard by a hanging GET (the back channel)
that is asked again and again. The client's side is closure-library's `goog.labs.net.webChannel`, version 8.
"""
