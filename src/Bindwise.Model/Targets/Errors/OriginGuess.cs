namespace Bindwise.Model.Targets.Errors;

/// <summary>Tells the runtime by the words around a message that many programs share: a stack trace, an exception's name.</summary>
internal static class OriginGuess
{
    /// <summary>How far from the message the words may stand; a log holds other programs as well.</summary>
    private const int MaxLinesAway = 80;

    /// <summary>The more telling first: a library's frames before the language's own words.</summary>
    private static readonly (string Words, Origin Origin)[] Signs =
    [
        ("http/server.py", Origins.PythonReusing),
        ("xmlrpc/server.py", Origins.PythonReusing),
        ("wsgiref", Origins.PythonReusing),
        ("site-packages/werkzeug", Origins.PythonReusing),
        ("site-packages/gevent", Origins.PythonReusing),
        ("site-packages/eventlet", Origins.PythonReusing),
        ("site-packages/twisted", Origins.PythonReusing),
        ("site-packages/tornado", Origins.PythonReusing),
        ("site-packages/gunicorn", Origins.PythonReusing),
        ("site-packages/uvicorn", Origins.PythonReusing),
        ("socketserver.py", Origins.PythonLibrary),
        ("asyncio", Origins.PythonLibrary),
        ("site-packages", Origins.PythonLibrary),
        ("OSError: [Errno ", Origins.Python),
        ("PermissionError: [Errno ", Origins.Python),
        ("socket.error: [Errno ", Origins.Python),
        ("OSError: [WinError ", Origins.Python),
        ("Traceback (most recent call last)", Origins.PythonLibrary),
        ("Microsoft.AspNetCore", Origins.Kestrel),
        ("System.Net.", Origins.DotNet),
        ("AddrInUse: Address already in use (os error", Origins.Deno),
        ("ext:deno_net", Origins.Deno),
        ("(os error ", Origins.Rust),
        ("kind: AddrInUse", Origins.Rust),
        ("io.netty", Origins.Netty),
        ("java.net.BindException", Origins.Java),
        ("Errno::E", Origins.Ruby),
        ("node:net", Origins.Node),
        ("node:internal", Origins.Node),
        ("setupListenHandle", Origins.Node),
        ("socket_bind()", Origins.PhpSockets),
        ("stream_socket_server()", Origins.Php),
        ("goroutine ", Origins.Go),
        ("channel_setup_fwd_listener", Origins.Ssh),
        ("Could not request local forwarding", Origins.Ssh),
    ];

    /// <summary>The origin by the words around a line; <see cref="Origin.Unknown"/> when none tells.</summary>
    public static Origin Around(ErrorText text, int line)
    {
        var from = Math.Max(0, line - MaxLinesAway);
        foreach (var (words, origin) in Signs)
        {
            if (text.LineWith(words, from, 2 * MaxLinesAway) >= 0)
                return origin;
        }
        return Origin.Unknown;
    }
}
