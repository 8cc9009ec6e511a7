// A web application that listens on port 5000, or on the first free one of 5001 to 5009. Start it twice: the second one says who has 5000,
// and where it listens itself. Bindwise__Fallback, as any setting, can come from the environment.
using Bindwise;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

var builder = WebApplication.CreateBuilder(args);
builder.UseBindwise(static options => options.Fallback ??= PortPolicy.Range(5001, 5009));
builder.Services.AddHealthChecks().AddBindwise();

var app = builder.Build();
app.MapGet("/", static () => "hello\n");
app.MapHealthChecks("/healthz");
app.Run();
