using System.Globalization;

namespace Bindwise.Supervising.Holding;

/// <summary>How a start of a program ended.</summary>
/// <param name="ExitCode">Its exit code; 128 and the signal's number where a signal ended it.</param>
/// <param name="Signal">That signal; 0 for none.</param>
/// <param name="HasListened">It had a listening socket, or a bound one of UDP.</param>
/// <param name="Ran">How long it ran.</param>
internal readonly record struct StartEnd(int ExitCode, int Signal, bool HasListened, TimeSpan Ran)
{
    /// <summary>The same in a sentence that begins with its name.</summary>
    /// <param name="fault">Why it could not be executed; null where it could.</param>
    internal string Words(string? fault) =>
        fault is not null ? $"was not executed ({fault})"
        : Signal == 0 ? string.Create(CultureInfo.InvariantCulture, $"ended with exit code {ExitCode}")
        : $"was ended by {SignalNames.Of(Signal)}";
}

/// <summary>
/// How starts of a program ended that nobody asked to end, and how long the next one waits. A program that had its sockets is started again at once,
/// since clients wait; one that ends before that, again and again, ever later.
/// </summary>
internal sealed class StartHistory
{
    /// <summary>So many ends before listening, one after the other, are called a crash loop.</summary>
    internal const int LoopLength = 5;

    /// <summary>So many short starts, one after the other, are not held back.</summary>
    internal const int FreeShortStarts = 10;

    internal static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    internal static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(10);
    private int _shortStarts;

    /// <summary>How many starts in a row ended before they listened.</summary>
    internal int Failures { get; private set; }

    /// <summary>Whether the policy wants another start.</summary>
    internal static bool Wants(RestartPolicy policy, in StartEnd end) => policy switch
    {
        RestartPolicy.Always => true,
        RestartPolicy.OnFailure => end.ExitCode != 0,
        RestartPolicy.Never => false,
    };

    /// <summary>Takes note of an end.</summary>
    /// <returns>How long to wait before the next start.</returns>
    internal TimeSpan DelayAfter(in StartEnd end)
    {
        // What runs that long is no crash at the start, also where it never listens.
        if (end.HasListened || end.Ran >= Long)
        {
            Failures = 0;
            _shortStarts = end.Ran < Short ? _shortStarts + 1 : 0;
            return _shortStarts > FreeShortStarts ? FirstDelay : TimeSpan.Zero;
        }
        Failures++;
        var delay = FirstDelay * Math.Pow(2, Math.Min(Failures - 1, 10));
        return delay < LongestDelay ? delay : LongestDelay;
    }

    /// <summary>Somebody asked for a start: what came before does not count.</summary>
    internal void Forget() => (Failures, _shortStarts) = (0, 0);
}
