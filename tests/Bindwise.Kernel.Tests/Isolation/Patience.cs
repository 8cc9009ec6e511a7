using System.Diagnostics;

namespace Bindwise.Kernel.Tests.Isolation;

/// <summary>Waits for a condition, never for a time; and never for ever. The limits only end what hangs: no machine is too slow for them.</summary>
internal static class Patience
{
    /// <summary>The limit of one test, in milliseconds.</summary>
    public const int OfATestMilliseconds = 1_800_000;

    /// <summary>The limit of one wait and of one program.</summary>
    public static readonly TimeSpan OfAWait = TimeSpan.FromSeconds(300);

    /// <summary>The limit of a program that starts others and waits for each.</summary>
    public static readonly TimeSpan OfManyWaits = TimeSpan.FromSeconds(900);

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(5);

    /// <summary>Asks until the answer is yes.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed > OfAWait)
                throw new TimeoutException($"waited {OfAWait.TotalSeconds:0} s in vain for: {what}");
            await Task.Delay(Pace).ConfigureAwait(false);
        }
    }
}
