"""The twin of minimal.ts: what both write must be the same to the byte."""
import sys

from cdk8s import App, Chart
from cdk8s_webapp import AppSize, IngressEntry, Platform, Scaling, Schedule, SecretKey, SecretVariable, WebApp

app = App(outdir=sys.argv[1])
Platform(app, "platform", domain="apps.example.com", ingress=IngressEntry(class_name="nginx"))

chart = Chart(app, "shop", namespace="shop")
web = WebApp(chart, "web", image="ghcr.io/acme/web:1.4.2")
web.add_env("GREETING", "hello")

WebApp(
    chart,
    "api",
    image="ghcr.io/acme/api:2.0.0",
    size=AppSize.M,
    secret_env={"DATABASE_URL": SecretVariable(secret="db", key="url"), "SESSION_KEY": SecretVariable(generate=32)},
    secret_files={"/etc/api/tls.key": SecretKey(secret="api-tls", key="tls.key")},
    files={"/etc/motd": "hello\n"},
    scaling=Scaling(
        concurrency=20,
        cpu=80,
        schedule=[Schedule(start="0 8 * * 1-5", end="0 18 * * 1-5", replicas=2)],
    ),
)

app.synth()
