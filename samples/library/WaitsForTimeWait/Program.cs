// The first start of a fixed server after a broken one: SO_REUSEADDR does not help over a TIME_WAIT whose own socket lacked the option, as that
// of samples/ServerBroken. Such a timer ends within a minute, so this server waits for it; for another program's listener it does not wait.
// Arguments: the port (8080), the most seconds (70).
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Bindwise;

var clock = Stopwatch.StartNew();
try
{
    var port = PortPolicy.Parse(args.Length > 0 ? args[0] : "8080");
    var longest = TimeSpan.FromSeconds(args.Length > 1 ? SecondsOf(args[1]) : 70);
    var request = ListenRequest.On(IPAddress.Any, port) with { Retry = BindRetryOptions.For(longest, BindRetryReasons.Timers) };
    using var listener = await Listener.BindAsync(request);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"listening on {listener.Sockets[0].LocalEndPoint} after {clock.Elapsed.TotalSeconds:0.0} s"));
    return 0;
}
catch (BindException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}
catch (FormatException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 2;
}

static int SecondsOf(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
    ? seconds
    : throw new FormatException($"'{text}' is no number of seconds; write one as 70");
