// A web application without the package, which insists on port 5000: the tests of Bindwise.Testing.AspNetCore start many of it side by side, each on a
// port of its own.
using Microsoft.AspNetCore.Builder;

var app = WebApplication.Create(args);
app.MapGet("/", static () => "plain\n");
app.Run("http://localhost:5000");
