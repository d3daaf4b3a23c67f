"""Words that ask, point or join, and name nothing."""

# In a small corpus they are rare, and would weigh as much as names.
STOPWORDS = frozenset(
    """
    a about after all also am an and any anyone are as at be because been before being between
    both but by can could did do does doing done for from get give had has have having he her here
    hers him his how i if in into is it its itself just let like many may me might much must my no
    nor not of off on once only or other our out over please shall she should so some such tell
    than that the their them then there these they this those through to too under until up upon
    us very was we were what when where whether which while who whom whose why will with would you
    your
    """.split()
)
