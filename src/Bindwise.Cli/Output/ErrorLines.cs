using System.Text;
using Bindwise.Rendering.Escaping;

namespace Bindwise.Cli.Output;

/// <summary>Standard error: one line a fault, with the program's name before it.</summary>
internal sealed class ErrorLines(Stream stream)
{
    private bool isClosed;

    /// <summary>Opens the process's standard error.</summary>
    public static ErrorLines Open() => new(StandardStreams.OpenError());

    /// <summary>Writes one line; whatever stands in the message, it stays one.</summary>
    public void Write(string message) => WriteText($"bindwise: {Escaper.Escape(message)}\n");

    /// <summary>Writes over the line that the cursor stands on, and stays on it: for a terminal only. Empty to wipe it.</summary>
    public void Overwrite(string message) => WriteText($"\r\u001b[K{Escaper.Escape(message)}");

    private void WriteText(string text)
    {
        if (isClosed)
            return;
        try
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
            stream.Flush();
        }
        catch (IOException)
        {
            // Nobody is left to be told; the exit code still tells.
            isClosed = true;
        }
    }
}
