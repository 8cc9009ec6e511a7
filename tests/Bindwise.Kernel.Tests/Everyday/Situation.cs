namespace Bindwise.Kernel.Tests.Everyday;

/// <summary>One everyday situation: what is there, what is asked, and what a stranger has to be told. A row of a table.</summary>
/// <param name="Name">What it is, in words; the row's name among the tests.</param>
/// <param name="Ask">The words after `bindwise why`; "-" for a pasted error.</param>
internal sealed record Situation(string Name, string Ask)
{
    /// <summary>A program that the machine must have beside those of every test.</summary>
    public string? Needs { get; init; }

    /// <summary>Sets it up, for real.</summary>
    public Func<Machine, Task> SetUp { get; init; } = static _ => Task.CompletedTask;

    /// <summary>Who asks.</summary>
    public int User { get; init; }

    /// <summary>The width of the terminal that it is asked on; null for a pipe.</summary>
    public int? Terminal { get; init; }

    /// <summary>The pasted error; <see cref="Machine.Heard"/> holds what a program of the situation wrote.</summary>
    public Func<Machine, string>? Pasted { get; init; }

    /// <summary>The exit code.</summary>
    public int ExitCode { get; init; } = 1;

    /// <summary>The cause in JSON; null where it is not the point.</summary>
    public string? Cause { get; init; }

    /// <summary>What the first line holds.</summary>
    public string[] Says { get; init; } = [];

    /// <summary>What the whole text holds, the first line and the rest.</summary>
    public string[] Tells { get; init; } = [];

    /// <summary>What stands nowhere in the text.</summary>
    public string[] Never { get; init; } = [];

    /// <summary>What the first step is, and what it does.</summary>
    public Advice Advice { get; init; } = Advice.None;

    /// <summary>How many addresses are answered.</summary>
    public int Answers { get; init; } = 1;

    /// <summary>How many lines it may have at 80 columns.</summary>
    public int Lines { get; init; } = 14;
}

/// <summary>What the first step of an answer is, and what must come of it.</summary>
internal sealed record Advice
{
    private Advice()
    {
    }

    /// <summary>Nothing has to be done: no step ends or removes anything.</summary>
    public static Advice None { get; } = new();

    /// <summary>Nothing that ends or removes anything may be advised: this kind of step comes first, a command of it is run.</summary>
    public static Advice Is(params string[] remedies) => new() { Remedies = remedies };

    /// <summary>The first command ends processes with each of these parts in their command lines and no others, and the port is free.</summary>
    public static Advice Ends(params string[] commands) => new() { Ended = commands };

    /// <summary>The same, but what the connections leave lasts a while, and the step says how long.</summary>
    public static Advice EndsAndLeaves(params string[] commands) => new() { Ended = commands, Leaves = true };

    /// <summary>The first command removes this file of the machine's folder, and ends nothing.</summary>
    public static Advice Removes(string file) => new() { Removed = file, Ended = [] };

    /// <summary>The first command asks again as root; the first command of that answer ends exactly these processes.</summary>
    public static Advice AsksAsRoot(params string[] commands) => new() { Ended = commands, AsRoot = true };

    /// <summary>
    /// Nothing shows whether the parent starts it again: that step comes after the first, and is the one that is run.
    /// </summary>
    public static Advice EndsBy(string remedy, params string[] commands) => new() { Ended = commands, By = remedy };

    /// <summary>The id of the step that is run; null for the first with a command.</summary>
    public string? By { get; private init; }

    /// <summary>The processes that the command ends; null where it must end none.</summary>
    public string[]? Ended { get; private init; }

    /// <summary>The ids of which the first remedy has one.</summary>
    public string[] Remedies { get; private init; } = [];

    /// <summary>The file that the command removes.</summary>
    public string? Removed { get; private init; }

    /// <summary>Closed connections stay for a while after it.</summary>
    public bool Leaves { get; private init; }

    /// <summary>Root has to look first.</summary>
    public bool AsRoot { get; private init; }
}
