using Bindwise.Model.Events;

namespace Bindwise.Rendering.Watching;

/// <summary>A key of the keyboard as far as the screen tells them apart.</summary>
internal enum KeyKind : byte
{
    /// <summary>One that means nothing here.</summary>
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

    /// <summary>Takes away the character before the cursor.</summary>
    Backspace,

    /// <summary>Ctrl+U: takes away the whole line.</summary>
    EraseLine,

    /// <summary>Ctrl+L: draws the screen anew.</summary>
    Redraw,

    /// <summary>Ctrl+C of a terminal that sends it as a character.</summary>
    Interrupt,
}

/// <param name="Character">Of <see cref="KeyKind.Character"/>: what it prints.</param>
internal readonly record struct WatchKey(KeyKind Kind, Rune Character = default)
{
    public static WatchKey Of(char character) => new(KeyKind.Character, new Rune(character));
}

/// <summary>Something that the screen takes notice of.</summary>
internal abstract record WatchInput
{
    private WatchInput()
    {
    }

    public sealed record Pressed(WatchKey Key) : WatchInput;
    public sealed record Looked(HostCensus Census) : WatchInput;
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

/// <summary>Something that is done outside.</summary>
internal abstract record WatchEffect
{
    private WatchEffect()
    {
    }

    /// <summary>Answers <c>why</c> for a target.</summary>
    public sealed record Ask(long Question, Target Target) : WatchEffect;

    /// <summary>Makes the plan of <c>free</c> for a target, and takes handles on what it would end.</summary>
    public sealed record Plan(long Question, Target Target) : WatchEffect;

    /// <summary>Does what the plan says: a person agreed.</summary>
    public sealed record Release(long Question, ImmutableArray<FreeAction> Excluded) : WatchEffect;

    /// <summary>Nobody waits for a question any more: its handles are let go.</summary>
    public sealed record Forget(long Question) : WatchEffect;

    /// <summary>Draws every line anew.</summary>
    public sealed record Repaint : WatchEffect;

    public sealed record Quit(bool IsInterrupted) : WatchEffect;
}
