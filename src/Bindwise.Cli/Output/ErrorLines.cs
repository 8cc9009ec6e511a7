using System.Text;
using Bindwise.Rendering.Escaping;

namespace Bindwise.Cli.Output;

/// <summary>Standard error: one line a fault, with the program's name before it.</summary>
internal sealed class ErrorLines(Stream stream)
{
    /// <summary>Opens the process's standard error.</summary>
    public static ErrorLines Open() => new(StandardStreams.OpenError());

    /// <summary>Writes one line; whatever stands in the message, it stays one.</summary>
    public void Write(string message)
    {
        try
        {
            stream.Write(Encoding.UTF8.GetBytes($"bindwise: {Escaper.Escape(message)}\n"));
            stream.Flush();
        }
        catch (IOException)
        {
            // Nobody is left to be told; the exit code still tells.
            stream.Dispose();
        }
    }
}
