using System.Runtime.Versioning;
using Bindwise.Linux.Terminals;
using Bindwise.Rendering.Text;

namespace Bindwise.Cli.Verbs.Watch;

/// <summary>Draws frames on the terminal: of each only the lines that are not there already.</summary>
[SupportedOSPlatform("linux")]
internal sealed class WatchPainter(ScreenTerminal terminal, bool isColoured)
{
    private readonly StringBuilder _text = new();
    private ImmutableArray<TextLine> _drawn = [];

    /// <summary>The next frame is drawn whole: the screen shows something else.</summary>
    public void Forget() => _drawn = [];

    /// <summary>Draws a frame.</summary>
    /// <exception cref="IOException">The terminal is gone.</exception>
    public void Draw(ImmutableArray<TextLine> frame)
    {
        var isWhole = _drawn.Length != frame.Length;
        var changed = Enumerable.Range(0, frame.Length).Where(index => isWhole || !IsSame(frame[index], _drawn[index])).ToList();
        _drawn = frame;
        if (changed.Count == 0)
            return;
        var lines = TextOutput.Format([.. changed.Select(index => frame[index])], isColoured).Split('\n');
        _text.Clear();
        if (isWhole)
            _text.Append("\u001b[0m\u001b[2J");
        for (var place = 0; place < changed.Count; place++)
            _text.Append("\u001b[").Append(changed[place] + 1).Append(";1H\u001b[0m\u001b[2K").Append(lines[place]);
        terminal.Write(Encoding.UTF8.GetBytes(_text.ToString()));
    }

    private static bool IsSame(TextLine one, TextLine other) => one.Spans.AsSpan().SequenceEqual(other.Spans.AsSpan());
}
