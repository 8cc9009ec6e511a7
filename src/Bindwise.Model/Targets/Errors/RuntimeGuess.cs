namespace Bindwise.Model.Targets.Errors;

/// <summary>Tells the runtime by the words around a message that many programs share: a stack trace, an exception's name.</summary>
internal static class RuntimeGuess
{
    /// <summary>How far from the message the words may stand; a log holds other programs as well.</summary>
    private const int MaxLinesAway = 80;

    /// <summary>The more telling first: a library's frames before the language's own words.</summary>
    private static readonly (string Words, RuntimeProfile Origin)[] Signs =
    [
        ("http/server.py", RuntimeProfiles.PythonReusing),
        ("xmlrpc/server.py", RuntimeProfiles.PythonReusing),
        ("wsgiref", RuntimeProfiles.PythonReusing),
        ("site-packages/werkzeug", RuntimeProfiles.PythonReusing),
        ("site-packages/gevent", RuntimeProfiles.PythonReusing),
        ("site-packages/eventlet", RuntimeProfiles.PythonReusing),
        ("site-packages/twisted", RuntimeProfiles.PythonReusing),
        ("site-packages/tornado", RuntimeProfiles.PythonReusing),
        ("site-packages/gunicorn", RuntimeProfiles.PythonReusing),
        ("site-packages/uvicorn", RuntimeProfiles.PythonReusing),
        ("socketserver.py", RuntimeProfiles.PythonLibrary),
        ("asyncio", RuntimeProfiles.PythonLibrary),
        ("site-packages", RuntimeProfiles.PythonLibrary),
        ("OSError: [Errno ", RuntimeProfiles.Python),
        ("PermissionError: [Errno ", RuntimeProfiles.Python),
        ("socket.error: [Errno ", RuntimeProfiles.Python),
        ("OSError: [WinError ", RuntimeProfiles.Python),
        ("Traceback (most recent call last)", RuntimeProfiles.PythonLibrary),
        ("Microsoft.AspNetCore", RuntimeProfiles.Kestrel),
        ("System.Net.", RuntimeProfiles.DotNet),
        ("AddrInUse: Address already in use (os error", RuntimeProfiles.Deno),
        ("ext:deno_net", RuntimeProfiles.Deno),
        ("(os error ", RuntimeProfiles.Rust),
        ("kind: AddrInUse", RuntimeProfiles.Rust),
        ("io.netty", RuntimeProfiles.Netty),
        ("java.net.BindException", RuntimeProfiles.Java),
        ("Errno::E", RuntimeProfiles.Ruby),
        ("node:net", RuntimeProfiles.Node),
        ("node:internal", RuntimeProfiles.Node),
        ("setupListenHandle", RuntimeProfiles.Node),
        ("socket_bind()", RuntimeProfiles.PhpSockets),
        ("stream_socket_server()", RuntimeProfiles.Php),
        ("goroutine ", RuntimeProfiles.Go),
        ("channel_setup_fwd_listener", RuntimeProfiles.Ssh),
        ("Could not request local forwarding", RuntimeProfiles.Ssh),
    ];

    /// <summary>The origin by the words around a line; <see cref="RuntimeProfile.Unknown"/> when none tells.</summary>
    public static RuntimeProfile Around(ErrorText text, int line)
    {
        var from = Math.Max(0, line - MaxLinesAway);
        foreach (var (words, origin) in Signs)
        {
            if (text.LineWith(words, from, 2 * MaxLinesAway) >= 0)
                return origin;
        }
        return RuntimeProfile.Unknown;
    }
}
