using System.Globalization;
using Bindwise.Kestrel.Benchmarks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

// serve: the server alone, one process for each measurement. compare: starts the servers and loads them.
switch (args)
{
    case ["serve", var manner and ("plain" or "bindwise"), var port]:
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenAnyIP(int.Parse(port, CultureInfo.InvariantCulture)));
        if (manner == "bindwise")
            builder.WebHost.UseBindwise();
        var app = builder.Build();
        app.Run(static context => context.Response.WriteAsync("hello"));
        await app.RunAsync();
        return 0;
    case ["compare", var seconds, var rounds]:
        return await Comparison.RunAsync(TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)), int.Parse(rounds, CultureInfo.InvariantCulture));
    default:
        await Console.Error.WriteLineAsync("Usage: serve plain|bindwise PORT, or compare SECONDS ROUNDS (bench/kestrel/run does that in a namespace).");
        return 2;
}
