using Bindwise.Model.Events;

namespace Bindwise.Rendering.Watching;

/// <summary>A key of the keyboard as far as the screen tells them apart.</summary>
internal enum KeyKind : byte
{
    Other,
    Character,
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    Enter,
    Escape,
    Tab,
    BackTab,
    Backspace,

    /// <summary>Ctrl+U: takes away the whole line.</summary>
    EraseLine,

    Redraw,

    /// <summary>Ctrl+C of a terminal that sends it as a character.</summary>
    Interrupt,
}

internal readonly record struct WatchKey(KeyKind Kind, Rune Character = default)
{
    public static WatchKey Of(char character) => new(KeyKind.Character, new Rune(character));
}

internal abstract record WatchInput
{
    private WatchInput()
    {
    }

    public sealed record Pressed(WatchKey Key) : WatchInput;
    public sealed record CensusRead(HostCensus Census) : WatchInput;
    public sealed record Happened(PortEvent Event) : WatchInput;
    public sealed record Resized(int Columns, int Lines) : WatchInput;

    /// <summary>The answer to <see cref="WatchEffect.Ask"/>: a diagnosis, or a fault in one line.</summary>
    public sealed record Answered(long Question, Diagnosis? Diagnosis, string? Fault) : WatchInput;

    /// <summary>The answer to <see cref="WatchEffect.Plan"/>: a plan, or a fault in one line.</summary>
    public sealed record Planned(long Question, FreePlan? Plan, string? Fault) : WatchInput;

    /// <summary>An action of <see cref="WatchEffect.Release"/> was done, or could not be.</summary>
    public sealed record Stepped(long Question, FreeStep Step) : WatchInput;

    /// <summary>The end of <see cref="WatchEffect.Release"/>: its result, or a fault in one line.</summary>
    public sealed record Released(long Question, FreeResult? Result, string? Fault) : WatchInput;
}

internal abstract record WatchEffect
{
    private WatchEffect()
    {
    }

    public sealed record Ask(long Question, WatchQuestion About) : WatchEffect;

    /// <summary>Makes the plan of <c>free</c>, and takes handles on what it would end.</summary>
    public sealed record Plan(long Question, WatchQuestion About) : WatchEffect;

    /// <summary>Does what the plan says: a person agreed.</summary>
    public sealed record Release(long Question, ImmutableArray<FreeAction> Excluded) : WatchEffect;

    /// <summary>Nobody waits for a question any more: its handles are let go.</summary>
    public sealed record Forget(long Question) : WatchEffect;

    public sealed record Repaint : WatchEffect;

    public sealed record Quit(bool IsInterrupted) : WatchEffect;
}

/// <summary>Makes keys of the bytes that a terminal sends: UTF-8, and the sequences of xterm, the Linux console and tmux.</summary>
internal sealed class KeyReader
{
    private const byte Escape = 0x1b;

    /// <summary>The longest sequence that is waited for; what is longer means nothing.</summary>
    private const int Longest = 32;

    private readonly List<byte> _pending = [];

    /// <summary>A sequence has begun: where nothing follows within a moment, what came is a key of its own (<see cref="End"/>).</summary>
    public bool IsPending => _pending.Count > 0;

    public IReadOnlyList<WatchKey> Read(ReadOnlySpan<byte> bytes)
    {
        var keys = new List<WatchKey>();
        foreach (var one in bytes)
        {
            _pending.Add(one);
            if (TryTake(out var key))
                keys.Add(key);
        }
        return keys;
    }

    /// <summary>Nothing follows: Escape alone is the key; a torn sequence is none.</summary>
    public IReadOnlyList<WatchKey> End()
    {
        var isEscape = _pending is [Escape];
        _pending.Clear();
        return isEscape ? [new WatchKey(KeyKind.Escape)] : [];
    }

    private bool TryTake(out WatchKey key)
    {
        key = default;
        var first = _pending[0];
        if (first == Escape)
            return TryTakeSequence(out key);
        if (first >= 0x80)
            return TryTakeRune(out key);
        _pending.Clear();
        key = first switch
        {
            0x03 => new WatchKey(KeyKind.Interrupt),
            (byte)'\t' => new WatchKey(KeyKind.Tab),
            (byte)'\r' or (byte)'\n' => new WatchKey(KeyKind.Enter),
            0x0c => new WatchKey(KeyKind.Redraw),
            0x15 => new WatchKey(KeyKind.EraseLine),
            0x08 or 0x7f => new WatchKey(KeyKind.Backspace),
            < 0x20 => new WatchKey(KeyKind.Other),
            _ => WatchKey.Of((char)first),
        };
        return true;
    }

    private bool TryTakeRune(out WatchKey key)
    {
        key = default;
        var status = Rune.DecodeFromUtf8([.. _pending], out var rune, out _);
        if (status == System.Buffers.OperationStatus.NeedMoreData && _pending.Count < 4)
            return false;
        _pending.Clear();
        key = status == System.Buffers.OperationStatus.Done ? new WatchKey(KeyKind.Character, rune) : new WatchKey(KeyKind.Other);
        return true;
    }

    // ESC [ parameters final, ESC O final; ESC and another key is Alt with it, which means nothing here.
    private bool TryTakeSequence(out WatchKey key)
    {
        key = default;
        if (_pending.Count == 1)
            return false;
        var second = _pending[1];
        if (second is not ((byte)'[' or (byte)'O'))
        {
            // Two escapes: the first was one, and the second may begin a sequence.
            _pending.RemoveRange(0, second == Escape ? 1 : 2);
            key = new WatchKey(second == Escape ? KeyKind.Escape : KeyKind.Other);
            return true;
        }
        if (_pending.Count == 2)
            return false;
        var last = _pending[^1];
        // The Linux console sends ESC [ [ A for F1.
        if ((last is < 0x40 or > 0x7e || (last == '[' && _pending.Count == 3)) && _pending.Count < Longest)
            return false;
        var parameters = Encoding.ASCII.GetString([.. _pending.Skip(2).SkipLast(1)]);
        _pending.Clear();
        key = new WatchKey(KindOf((char)last, parameters));
        return true;
    }

    private static KeyKind KindOf(char last, string parameters) => (last, parameters) switch
    {
        ('A', "") => KeyKind.Up,
        ('B', "") => KeyKind.Down,
        ('H', "") or ('~', "1" or "7") => KeyKind.Home,
        ('F', "") or ('~', "4" or "8") => KeyKind.End,
        ('Z', "") => KeyKind.BackTab,
        ('M', "") => KeyKind.Enter,
        ('~', "5") => KeyKind.PageUp,
        ('~', "6") => KeyKind.PageDown,
        _ => KeyKind.Other,
    };
}
