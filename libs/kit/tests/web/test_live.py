"""Pages know where live plans are: behind their own address, or on a port of the same host, where the cookie goes."""

import pytest
from flask import Blueprint, render_template_string

from kit.config import ConfigError
from kit.web import Front, create_app, public, web_config
from kit.web.config import WebConfig


def pages(live_port):
    blueprint = Blueprint("plans", __name__)

    @blueprint.get("/plan")
    @public
    def plan():
        return render_template_string("<p>{{ live_url }}/live/x</p>")

    config = WebConfig(secret_key="k" * 32, targets={}, live_port=live_port)
    return create_app([Front("plans", blueprint)], config, verify=lambda token: None).test_client()


@pytest.mark.parametrize("host", ["127.0.0.1:7400", "localhost:7400", "[::1]:7400", "billetterie.local"])
def test_on_a_port_of_their_own_live_plans_are_on_the_host_that_the_reader_used(host):
    answer = pages(7403).get("/plan", headers={"Host": host})
    live = f"http://{host.removesuffix(':7400')}:7403"
    assert answer.text == f"<p>{live}/live/x</p>"
    assert f"connect-src 'self' {live}" in answer.headers["Content-Security-Policy"]


def test_behind_the_pages_own_address_nothing_else_may_be_asked():
    answer = pages(None).get("/plan")
    assert answer.text == "<p>/live/x</p>"
    assert "connect-src" not in answer.headers["Content-Security-Policy"]


def test_the_port_is_a_setting():
    env = {"WEB_SECRET_KEY": "k" * 32, "WEB_PORT": "7400"}
    assert web_config(env, "WEB").live_port is None
    assert web_config({**env, "WEB_LIVE_PORT": "7403"}, "WEB").live_port == 7403
    with pytest.raises(ConfigError, match="WEB_LIVE_PORT"):
        web_config({**env, "WEB_LIVE_PORT": "next"}, "WEB")
