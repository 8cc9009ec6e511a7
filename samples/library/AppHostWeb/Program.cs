// A resource of an app host (samples/library/AppHost, or one of .NET Aspire): a web application that listens where ASPNETCORE_URLS says. If it cannot, its
// log says who has the port, and its exit code tells this failure from all others.
using System.Net.Sockets;
using Bindwise.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

var builder = WebApplication.CreateBuilder(args);
builder.UseBindwise();
var app = builder.Build();
app.MapGet("/", static () => "hello\n");
try
{
    await app.RunAsync();
    return 0;
}
catch (StartupBindException exception) when (exception.Bind.SocketErrorCode == SocketError.AddressAlreadyInUse)
{
    // The log has said by whom. 98 is the number of EADDRINUSE on Linux.
    return 98;
}
