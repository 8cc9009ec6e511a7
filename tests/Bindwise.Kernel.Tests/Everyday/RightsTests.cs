using Bindwise.Kernel.Tests.Everyday.Checks;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Everyday;

/// <summary>Low ports, and processes of other users: what root sees and what a user is told to do.</summary>
[Trait("Lane", "second")]
public sealed class RightsTests
{
    internal static IReadOnlyList<Situation> Table { get; } =
    [
        new("Port 80 as a user", "80")
        {
            User = TestHost.Nobody, Cause = "privileged-port", Says = ["80/tcp cannot be bound (EACCES)", "1024"],
        },
        new("Port 80 as a user, on a terminal", "80")
        {
            User = TestHost.Nobody, Terminal = 80, Cause = "privileged-port", Says = ["80/tcp cannot be bound (EACCES)"],
        },
        new("Port 80 as root", "80") { ExitCode = 0, Says = ["80/tcp is free"] },
        new("Port 80 as a user, where root's server has it", "80")
        {
            User = TestHost.Nobody, Cause = "privileged-port", SetUp = static machine => machine.ServeAsync("python3 -m http.server 80", 80),
            Says = ["80/tcp cannot be bound (EACCES)", "taken"],
        },
        new("Port 80 as root, where a server has it", "80")
        {
            SetUp = static machine => machine.ServeAsync("python3 -m http.server 80", 80), Says = ["80/tcp is taken (EADDRINUSE)", "http.server"], Advice = Advice.Ends("http.server"),
        },
        new("Root's Node.js, asked by a user", "3000")
        {
            Needs = "node", User = TestHost.Nobody, SetUp = static machine => machine.ServeAsync("node server.js", 3000),
            Says = ["3000/tcp is taken (EADDRINUSE)", "another user"], Tells = ["sudo bindwise why 3000"], Never = ["may not see"], Advice = Advice.AsksAsRoot("node server.js"),
        },
        new("A daemon's server, asked by another user", "8000")
        {
            User = TestHost.Nobody, SetUp = static machine => machine.ServeAsync("python3 -m http.server 8000", 8000, TestHost.Daemon),
            Says = ["is taken", "another user"], Advice = Advice.AsksAsRoot("http.server"),
        },
        new("A daemon's server, asked by root", "8000")
        {
            SetUp = static machine => machine.ServeAsync("python3 -m http.server 8000", 8000, TestHost.Daemon),
            Says = ["is taken", "http.server"], Tells = ["user daemon"], Advice = Advice.Ends("http.server"),
        },
        new("For another user: a low port", "80 --user nobody") { Cause = "privileged-port", Says = ["80/tcp cannot be bound (EACCES)"] },
    ];

    [KernelTheory]
    [Rows]
    [Rows("node")]
    public Task Why_UsersAndRights_ItSaysWhatThisUserCanDo(string situation) => SituationCheck.RunAsync(Table, situation);
}
