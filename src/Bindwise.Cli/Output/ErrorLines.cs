using Bindwise.Linux.Terminals;
using Bindwise.Rendering.Escaping;

namespace Bindwise.Cli.Output;

/// <summary>Standard error: one line a fault, with the program's name before it.</summary>
internal sealed class ErrorLines(Stream stream)
{
    private const string Wiped = "\r\u001b[K";

    // By so much the later lines of a long message stand in.
    private const int Hang = 2;

    // A signal's thread must not wait for one that writes into a terminal that stands still (Ctrl+S).
    private static readonly TimeSpan LastWait = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private bool _isClosed;

    public static ErrorLines Open() => new(OperatingSystem.IsLinux() ? StandardStream.Error : Console.OpenStandardError());

    /// <summary>Writes one line, whatever stands in the message; on a terminal it is wrapped at its blanks.</summary>
    public void Write(string message)
    {
        var line = $"bindwise: {Escaper.EscapeSentence(message)}";
        var width = Console.IsErrorRedirected ? null : Terminal.Detect().Width;
        var broken = Wrapping.Break([new TextSpan(TextRole.Text, line)],
            width is { } columns ? Math.Max(columns, TextOptions.MinimumWidth) : null, Hang);
        WriteText(string.Join("\n" + new string(' ', Hang),
            broken.Select(static spans => string.Concat(spans.Select(static span => span.Text)))) + "\n");
    }

    /// <summary>Writes one line, after which the program ends with <see cref="ExitCode.Error"/>.</summary>
    public ExitCode Fail(string message)
    {
        Write(message);
        return ExitCode.Error;
    }

    /// <summary>Writes an answer as it was rendered, where standard output is for something else.</summary>
    public void WriteAnswer(string text) => WriteText(text);

    /// <summary>Writes over the line that the cursor stands on, and stays on it: for a terminal only. Empty to wipe it.</summary>
    public void Overwrite(string message) => WriteText(Wiped + Escaper.EscapeSentence(message));

    /// <summary>After Ctrl+C: wipes the terminal's own ^C with whatever is drawn on its line; nothing elsewhere.</summary>
    public void WipeLine()
    {
        if (Terminal.CanRedrawErrors)
            WriteText(Wiped);
    }

    /// <summary>Before the process ends while other threads go on: wipes the line, and writes nothing any more.</summary>
    public void Close()
    {
        if (!_gate.TryEnter(LastWait))
            return;
        try
        {
            WipeLine();
            _isClosed = true;
        }
        finally
        {
            _gate.Exit();
        }
    }

    private void WriteText(string text)
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            try
            {
                stream.Write(Encoding.UTF8.GetBytes(text));
                stream.Flush();
            }
            catch (IOException)
            {
                // Nobody is left to be told; the exit code still tells.
                _isClosed = true;
            }
        }
    }
}
