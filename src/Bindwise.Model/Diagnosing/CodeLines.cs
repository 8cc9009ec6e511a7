namespace Bindwise.Model.Diagnosing;

/// <summary>The line that sets a socket option, in the language whose error was pasted; C where none was.</summary>
internal static class CodeLines
{
    public static string Set(string option, string? runtime) => runtime switch
    {
        not null when runtime.StartsWith("Python", StringComparison.Ordinal) => $"sock.setsockopt(socket.SOL_SOCKET, socket.{option}, 1)",
        "PHP" => $"socket_set_option($socket, SOL_SOCKET, {option}, 1);",
        "Ruby" => $"socket.setsockopt(Socket::SOL_SOCKET, Socket::{option}, true)",
        "Java" when option == "SO_REUSEADDR" => "serverSocket.setReuseAddress(true);",
        "Java" => $"serverSocket.setOption(StandardSocketOptions.{option}, true);",
        _ => $"setsockopt(fd, SOL_SOCKET, {option}, &(int){{1}}, sizeof(int));",
    };
}
