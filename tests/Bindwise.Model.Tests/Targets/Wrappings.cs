using System.Text.Json;

namespace Bindwise.Model.Tests.Targets;

/// <summary>What stands around an error text by the time somebody pastes it: prefixes, colours, traces, JSON.</summary>
internal static class Wrappings
{
    public static IEnumerable<(string Name, string Text)> Of(string text)
    {
        yield return ("syslog", Prefixed("Nov 20 08:17:01 web-3 app[4711]: ", text));
        yield return ("journald", Prefixed("Nov 20 08:17:01 web-3 systemd[1]: ", text));
        yield return ("compose", Prefixed("app-1  | ", text));
        yield return ("coloured compose", Prefixed("\u001b[36mapp-1  | \u001b[0m", text));
        yield return ("RFC 3339", Prefixed("2024-11-20T08:17:01.123456789Z ", text));
        yield return ("Serilog", Prefixed("[12:30:45 ERR] ", text));
        yield return ("level and pid", Prefixed("2024-11-20 08:17:01,123 [4711] ERROR main - ", text));
        yield return ("Kubernetes", Prefixed("2024-11-20T08:17:01.123456789Z stderr F ", text));
        yield return ("klog", Prefixed("E1120 08:17:01.123456    4711 server.go:302] ", text));
        yield return ("logfmt", Prefixed("ts=2024-11-20T08:17:01Z level=error caller=main.go:80 msg=", text));
        yield return ("colours", "\u001b[1;31m" + text.Replace(" ", " \u001b[0m\u001b[38;5;196m", StringComparison.Ordinal) + "\u001b[0m");
        yield return ("colours spelled out", "\\u001b[31m" + text + "\\x1b[0m");
        yield return ("colours by rsyslog", "#033[31m" + text + "#033[0m");
        yield return ("title", "\u001b]0;bash: 10.1.2.3:99\a" + text);
        yield return ("hyperlink", "\u001b]8;;http://10.1.2.3:99\u001b\\" + text + "\u001b]8;;\u001b\\");
        yield return ("carriage returns", text.Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n");
        yield return ("story before", "app 1.2.3 (build 4711) starting, pid 4711\nloading /etc/app/config.yml:12\nread 8080 rows in 53 ms\n" + text);
        yield return ("story after", text + "\n    at Foo.bar (/app/lib/foo.js:80:443)\n  File \"/app/x.py\", line 8080, in main\nexit status 2\nretrying in 5000 ms");
        yield return ("peers before", "192.0.2.7:51234 - - [20/Nov/2024:08:17:01 +0000] \"GET / HTTP/1.1\" 200 612\nconnection from 192.0.2.7:51234 closed\n" + text);
        yield return ("others before", "metrics listening on 0.0.0.0:9999\nNow listening on: http://localhost:7777\nconnected to db 10.0.0.5:5432\n" + text);
        yield return ("connections before", "failed to connect to 10.0.0.5:5432: permission denied\ndial tcp 10.0.0.6:443: connect: cannot assign requested address\n" + text);
        yield return ("connections after", text + "\ndial tcp 10.0.0.6:443: connect: connection refused\nread tcp 10.0.0.7:8080->192.0.2.1:51234: i/o timeout");
        yield return ("blank lines", "\n\n  " + text + "  \n\n");
        yield return ("pino", "{\"level\":60,\"time\":1700000000123,\"pid\":4711,\"hostname\":\"web-3\",\"msg\":" + Json(text) + "}");
        yield return ("zap", "{\"level\":\"fatal\",\"ts\":1700000000.123,\"caller\":\"app/main.go:80\",\"error\":" + Json(text) + ",\"stacktrace\":\"main.main\\n\\t/app/main.go:80\"}");
        yield return ("JSON in JSON", "{\"log\":" + Json("{\"time\":\"2024-11-20T08:17:01Z\",\"error\":" + Json(text) + "}\n") + ",\"stream\":\"stderr\",\"time\":\"2024-11-20T08:17:01.123Z\"}");
        yield return ("a quoted mail", Prefixed("> > ", text));
        yield return ("foreman", Prefixed("08:17:01 web.1  | ", text));
        yield return ("pm2", Prefixed("0|server   | 2024-11-20 08:17:01 +00:00: ", text));
        yield return ("a build's log", Prefixed("2024-11-20T08:17:01.1234567Z ##[error]", text));
        yield return ("tabs", Prefixed("2024-11-20\t08:17:01\t[8080]\t", text) + "\t");
        yield return ("a prompt", "root@web-3:/srv# ./server --workers 8080\n" + text + "\nroot@web-3:/srv# ");
        yield return ("a list of containers", "0.0.0.0:9999->80/tcp, :::9999->80/tcp   web\n" + text);
        yield return ("a long line", Prefixed(new string('x', 20_000) + " ", text));
        yield return ("UTF-16 read as bytes", string.Concat(text.Select(c => c + "\0")));
        yield return ("NULs and a byte order mark", "\ufeff" + text + "\0\0");
    }

    private static string Prefixed(string prefix, string text) => prefix + text.Replace("\n", "\n" + prefix, StringComparison.Ordinal);

    private static string Json(string text) => JsonSerializer.Serialize(text);
}
