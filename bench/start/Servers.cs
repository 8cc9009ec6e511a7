using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Bindwise.Start.Benchmarks;

/// <summary>A small web application, with the package and without.</summary>
internal static class Servers
{
    /// <summary>Starts it.</summary>
    public static async Task<WebApplication> StartAsync(string url, bool with)
    {
        var builder = Builder(url);
        if (with)
            builder.UseBindwise();
        var app = Application(builder);
        await app.StartAsync();
        return app;
    }

    /// <summary>What it is made with.</summary>
    public static WebApplicationBuilder Builder(string url)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        return builder;
    }

    /// <summary>It, not started.</summary>
    public static WebApplication Application(WebApplicationBuilder builder)
    {
        var app = builder.Build();
        app.MapGet("/", static (HttpContext context) => context.Response.WriteAsync("hello"));
        return app;
    }
}
