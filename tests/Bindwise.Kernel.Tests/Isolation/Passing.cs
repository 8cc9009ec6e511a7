namespace Bindwise.Kernel.Tests.Isolation;

/// <summary>
/// What a timer of the kernel ends after a minute, TIME_WAIT and FIN_WAIT2. A busy machine may not come to an end within that with all that is asked about it:
/// what was asked then was about another situation, whether the answers are right or wrong, and it is set up anew.
/// </summary>
internal static class Passing
{
    /// <summary>Sets a situation up on a host, and asks about it; again on another host until it lasts long enough.</summary>
    public static async Task PlayAsync(Func<TestHost, Task> setUp, Func<TestHost, Task> ask)
    {
        while (true)
        {
            await using var host = await TestHost.OpenAsync();
            await setUp(host);
            if (await OutlastsAsync(host, () => ask(host)))
                return;
        }
    }

    /// <summary>The same with a script of Scripts/ that leaves one socket, in this state, on port 8080.</summary>
    public static Task PlayAsync(string script, string words, string state, Func<TestHost, Task> ask) => PlayAsync(
        async host =>
        {
            await host.StartScriptAsync(script, words);
            await host.Sockets.UntilAsync(8080, state);
        }, ask);

    /// <summary>Asks about what stands on a host; false where it did not last until all was asked.</summary>
    public static async Task<bool> OutlastsAsync(TestHost host, Func<Task> ask)
    {
        var passing = host.Sockets.Passing();
        bool Lasts() => passing.IsSubsetOf(host.Sockets.Passing());
        try
        {
            await ask();
        }
        catch (Exception e) when (e is TimeoutException or Xunit.Sdk.XunitException && !Lasts())
        {
            return false;
        }
        return Lasts();
    }
}
