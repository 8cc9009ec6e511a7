// Whether a server can restart: it is started, a client connects, it is killed with the connection open, and started again at once, over its own
// TIME_WAIT. The same in a test is one line. Try it with samples/ServerBroken and samples/library/MendedServer.
using System.Globalization;
using System.Runtime.Versioning;
using Bindwise.Testing;

[assembly: SupportedOSPlatform("linux")]

if (args is not [var text, var program, .. var arguments] || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
{
    await Console.Error.WriteLineAsync("usage: CanRestart PORT PROGRAM [ARGUMENTS]");
    return 2;
}
try
{
    var report = await RestartAssertion.CanRestartAsync(new RestartOptions { Program = program, Arguments = [.. arguments], Port = port, Connections = 1 });
    foreach (var round in report.Rounds)
        Console.WriteLine($"{round.Stop}: listens again after {round.Restart.TotalMilliseconds:0} ms, over {round.TimeWaits} in TIME_WAIT");
    return 0;
}
catch (RestartException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}
