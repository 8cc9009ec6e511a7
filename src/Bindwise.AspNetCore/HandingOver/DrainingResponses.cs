using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Bindwise.AspNetCore;

/// <summary>
/// Sends clients on to the new instance, after the hand-over: an HTTP/1.1 connection ends with its next answer (RFC 9112, 9.6), an HTTP/2
/// connection with a GOAWAY (RFC 9113, 6.8). Kestrel does both itself, but only as it stops, when it also
/// closes connections that have not sent anything yet.
/// </summary>
internal sealed class DrainingResponses(Func<KestrelHandOver> handOver, IOptions<BindwiseOptions> options) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => options.Value.HandOver.IsOn
        ? application =>
        {
            var served = handOver();
            application.Use(next => Middleware(served, next));
            next(application);
        }
    : next;

    private static RequestDelegate Middleware(KestrelHandOver handOver, RequestDelegate next) => context =>
    {
        if (handOver.IsDraining)
            SendOn(context);
        return next(context);
    };

    private static void SendOn(HttpContext context)
    {
        if (HttpProtocol.IsHttp11(context.Request.Protocol))
            context.Response.Headers.Connection = "close";
        else if (HttpProtocol.IsHttp2(context.Request.Protocol))
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
    }
}
