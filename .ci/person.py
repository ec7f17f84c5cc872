"""A browser with a person in front of it: opens the demo org's login page, and allows what is asked for there."""

import html
import re
import sys
import urllib.parse
import urllib.request

address = sys.argv[1]
with urllib.request.urlopen(address, timeout=60) as page:
    form = {}
    for tag in re.findall(r"<input ([^>]*)>", page.read().decode()):
        name, value = re.search(r'name="?([^ ">]+)', tag), re.search(r'value="([^"]*)"', tag)
        form[name[1]] = html.unescape(value[1])
form["answer"] = "allow"
action = urllib.parse.urljoin(address, "/services/oauth2/authorize")
with urllib.request.urlopen(action, urllib.parse.urlencode(form).encode(), timeout=60) as page:
    page.read()
