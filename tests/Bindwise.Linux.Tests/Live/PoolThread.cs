using System.Runtime.ExceptionServices;
using Bindwise.Linux.Live;

namespace Bindwise.Linux.Tests.Live;

/// <summary>Opens a pool on a thread of its own, as a player does.</summary>
internal static class PoolThread
{
    /// <summary>Runs the code to its end and throws what it throws.</summary>
    public static void Run(Action<LivePool> code, CancellationToken cancellation = default)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                using var pool = LivePool.Open(cancellation);
                code(pool);
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    /// <summary>Plays a scenario and compares every step's result.</summary>
    public static void Check(string text) => Run(pool => Check(pool, text));

    public static void Check(LivePool pool, ScenarioText scenario) => Assert.Equal(scenario.Lines, scenario.PlayOn(pool));

    public static void Check(LivePool pool, string text)
    {
        var scenario = ScenarioText.Of(text);
        Assert.Equal(scenario.Lines, scenario.PlayOn(pool));
    }
}
