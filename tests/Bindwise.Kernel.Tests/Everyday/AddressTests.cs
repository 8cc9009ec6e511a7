using Bindwise.Kernel.Tests.Everyday.Checks;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Everyday;

/// <summary>IPv4 and IPv6, one address or all, and what else a number may mean.</summary>
public sealed class AddressTests
{
    private const string Hold = "hold.py";

    internal static IReadOnlyList<Situation> Table { get; } =
    [
        new("A listener on IPv6 only, asked by its number", "8091")
        {
            SetUp = static machine => machine.StartScriptAsync(Hold, "tcp :: 8091 v6only reuseaddr listen"),
            Says = ["IPv6", "IPv4", "free"], Advice = Advice.Ends(Hold),
        },
        new("A listener on IPv6 only, asked for IPv4", "0.0.0.0:8091")
        {
            SetUp = static machine => machine.StartScriptAsync(Hold, "tcp :: 8091 v6only reuseaddr listen"), ExitCode = 0, Says = ["0.0.0.0:8091/tcp is free"],
        },
        new("A listener on IPv6 only, asked for IPv6", "[::]:8091")
        {
            SetUp = static machine => machine.StartScriptAsync(Hold, "tcp :: 8091 v6only reuseaddr listen"), Says = ["[::]:8091/tcp is taken"], Advice = Advice.Ends(Hold),
        },
        new("A listener on both, asked for IPv4", "0.0.0.0:8080")
        {
            SetUp = static machine => machine.StartScriptAsync(Hold, "tcp :: 8080 dual reuseaddr listen"),
            Says = ["0.0.0.0:8080/tcp is taken", "[::]:8080"], Tells = ["IPV6_V6ONLY"], Advice = Advice.Ends(Hold),
        },
        new("A listener on IPv4, asked for IPv6", "[::]:8080")
        {
            SetUp = static machine => machine.StartScriptAsync(Hold, "tcp 0.0.0.0 8080 reuseaddr listen"),
            Says = ["[::]:8080/tcp is taken", "0.0.0.0:8080"], Tells = ["IPV6_V6ONLY"], Advice = Advice.Ends(Hold),
        },
        new("A listener on loopback, asked by its number", "8080")
        {
            SetUp = static machine => machine.StartScriptAsync(Hold, "tcp 127.0.0.1 8080 reuseaddr listen"), Says = ["is taken", "127.0.0.1:8080"], Advice = Advice.Ends(Hold),
        },
        new("A listener on loopback, asked for another address", "127.0.0.2:8080")
        {
            SetUp = static machine => machine.StartScriptAsync(Hold, "tcp 127.0.0.1 8080 reuseaddr listen"), ExitCode = 0, Says = ["127.0.0.2:8080/tcp is free"],
        },
        new("A listener on all addresses, asked for loopback", "127.0.0.1:8080")
        {
            SetUp = static machine => machine.StartScriptAsync(Hold, "tcp 0.0.0.0 8080 reuseaddr listen"), Says = ["127.0.0.1:8080/tcp is taken", "0.0.0.0:8080"], Advice = Advice.Ends(Hold),
        },
        new("localhost, held on IPv6 alone", "127.0.0.1:8080")
        {
            SetUp = static machine => machine.StartScriptAsync(Hold, "tcp ::1 8080 reuseaddr listen"), ExitCode = 0, Says = ["127.0.0.1:8080/tcp is free"],
        },
        new("localhost by its name", "localhost:8080")
        {
            SetUp = static async machine => { await machine.Host.NameAsync("127.0.0.1 localhost\n"); await machine.StartScriptAsync(Hold, "tcp 127.0.0.1 8080 reuseaddr listen"); },
            Says = ["is taken", "127.0.0.1:8080"], Advice = Advice.Ends(Hold),
        },
        new("Two listeners that share the port", "9001")
        {
            SetUp = static async machine => { await machine.StartScriptAsync(Hold, "tcp 0.0.0.0 9001 reuseport listen"); await machine.StartScriptAsync(Hold, "tcp 0.0.0.0 9001 reuseport listen"); },
            Says = ["9001/tcp is taken", "pid {pid hold.py}"], Never = ["other address family", "python3 (pid {pid hold.py}))"], Advice = Advice.Ends(Hold),
        },
        new("Two listeners that share the port, for a third that does", "9001 --reuse-port")
        {
            SetUp = static async machine => { await machine.StartScriptAsync(Hold, "tcp 0.0.0.0 9001 reuseport listen"); await machine.StartScriptAsync(Hold, "tcp 0.0.0.0 9001 reuseport listen"); },
            ExitCode = 0, Says = ["9001/tcp"], Never = ["other address family"],
        },
        new("An address that the machine does not have", "203.0.113.5:8080")
        {
            Cause = "address-not-local", Says = ["203.0.113.5:8080/tcp cannot be bound (EADDRNOTAVAIL)"],
        },
        new("DNS's own port", "53")
        {
            SetUp = static machine => machine.StartScriptAsync(Hold, "tcp 0.0.0.0 53 reuseaddr listen"),
            Says = ["53/tcp is taken"], Tells = ["DNS on port 53", "an address of its own"], Never = ["another port", "54 is free"], Advice = Advice.Ends(Hold),
        },
        new("DNS's own port on one address", "127.0.0.1:53/udp")
        {
            SetUp = static machine => machine.StartScriptAsync(Hold, "udp 127.0.0.1 53"),
            Says = ["127.0.0.1:53/udp is taken"], Tells = ["DNS on port 53", "another address of this host"], Never = ["another port", "54 is free"], Advice = Advice.Ends(Hold),
        },
        new("HTTP's own port", "80")
        {
            SetUp = static machine => machine.StartScriptAsync(Hold, "tcp :: 80 dual reuseaddr listen"),
            Says = ["80/tcp is taken"], Tells = ["HTTP on port 80", "reverse proxy"], Never = ["another port", " is free"], Advice = Advice.Ends(Hold),
        },
        new("A free port", "8080") { ExitCode = 0, Cause = "free", Says = ["8080/tcp is free"], Lines = 6 },
        new("A free port, asked by a user on a terminal", "8080") { User = TestHost.Nobody, Terminal = 80, ExitCode = 0, Says = ["8080/tcp is free"], Lines = 6 },
        new("Port 0", "0") { ExitCode = 0, Says = ["Port 0"] },
        new("A port that outgoing connections may take", "40000") { ExitCode = 0, Says = ["40000/tcp is free"], Tells = ["outgoing"] },
        new("A port that an outgoing connection took", "40000")
        {
            SetUp = static async machine =>
            {
                await machine.ServeAsync("python3 server.py 9000 reuse keep", 9000);
                await machine.Host.SetAsync("net.ipv4.ip_local_port_range", "40000 40000");
                await machine.StayAsync(9000);
                await machine.Host.SetAsync("net.ipv4.ip_local_port_range", "32768 60999");
            },
            Says = ["is taken", "visit.py", "127.0.0.1:9000"], Advice = Advice.EndsAndLeaves("visit.py"),
        },
    ];

    [KernelTheory]
    [Rows]
    public Task Why_AddressesAndPorts_ItSaysWhatIsTakenAndWhatIsFree(string situation) => SituationCheck.RunAsync(Table, situation);
}
