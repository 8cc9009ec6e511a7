using System.Globalization;
using Bindwise.Kestrel.Benchmarks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

// serve: the servers, in the order in which they are named, each with its port. compare: starts that and loads them.
switch (args)
{
    case ["serve", var first, var firstPort, var second, var secondPort]:
        await Task.WhenAll(ServeAsync(first, firstPort), ServeAsync(second, secondPort));
        return 0;
    case ["compare", var seconds, var rounds, .. var control] when control is [] or ["control"]:
        return await Comparison.RunAsync(TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)), int.Parse(rounds, CultureInfo.InvariantCulture), control.Length > 0);
    default:
        await Console.Error.WriteLineAsync("Usage: compare SECONDS ROUNDS [control] (bench/kestrel/run does that in a namespace).");
        return 2;
}

static Task ServeAsync(string manner, string port)
{
    var builder = WebApplication.CreateSlimBuilder();
    builder.Logging.ClearProviders();
    builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenAnyIP(int.Parse(port, CultureInfo.InvariantCulture)));
    if (manner == Servers.With)
        builder.UseBindwise();
    var app = builder.Build();
    app.Run(static context => context.Response.WriteAsync("hello"));
    return app.RunAsync();
}
