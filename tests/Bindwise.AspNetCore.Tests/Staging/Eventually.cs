using System.Diagnostics;

namespace Bindwise.AspNetCore.Tests;

/// <summary>Waits for what another thread or process brings about.</summary>
internal static class Eventually
{
    /// <summary>Tries until it succeeds, at most for so long; the last failure is the test's.</summary>
    public static async Task SucceedsAsync(Func<Task> attempt, int seconds = 240)
    {
        for (var watch = Stopwatch.StartNew(); ;)
        {
            try
            {
                await attempt();
                return;
            }
            catch (Exception) when (watch.Elapsed < TimeSpan.FromSeconds(seconds))
            {
                await Task.Delay(50);
            }
        }
    }
}
