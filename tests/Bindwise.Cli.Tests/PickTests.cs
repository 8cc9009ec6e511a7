using System.Text;
using Bindwise.Cli.Verbs;

namespace Bindwise.Cli.Tests;

public class PickTests
{
    private const string Hint = " (see: bindwise pick --help)";

    [LinuxTheory]
    [InlineData("0", "0 is not a number of ports: give 1 to 200")]
    [InlineData("two", "two is not a number of ports: give 1 to 200")]
    [InlineData("201", "201 ports are too many, 200 at most; to have port 201 if it is free: bindwise pick --prefer 201")]
    [InlineData("8080", "8080 ports are too many, 200 at most; to have port 8080 if it is free: bindwise pick --prefer 8080")]
    [InlineData("99999999999", "99999999999 is not a number of ports: give 1 to 200")]
    [InlineData("2 3", "give one number of ports, not 2: 2 3")]
    [InlineData("--range 8000", "--range 8000 is not a range of ports: give the first and the last, as in 8000-8999, within 1-65535")]
    [InlineData("--range 9-8", "--range 9-8 is not a range of ports: give the first and the last, as in 8000-8999, within 1-65535")]
    [InlineData("--range 0-8", "--range 0-8 is not a range of ports: give the first and the last, as in 8000-8999, within 1-65535")]
    [InlineData("--near 0", "--near 0 is not a port: give one of 1-65535")]
    [InlineData("--prefer http", "--prefer http is not a port: give one of 1-65535")]
    [InlineData("--address localhost", "--address localhost is not an IP address: give one such as 127.0.0.1 or ::1")]
    [InlineData("--address fe80::aa", "fe80::aa is link-local and needs its interface, as in --address fe80::aa%eth0")]
    [InlineData("--address [FE80::AA%]", "fe80::aa is link-local and needs its interface, as in --address fe80::aa%eth0")]
    [InlineData("--address ::1%lo", "--address ::1%lo names an interface, which only a link-local address has: give ::1")]
    [InlineData("--address host%lo", "--address host%lo is not an IP address: give one such as 127.0.0.1 or ::1")]
    [InlineData("--lease soon", "--lease soon is not a time: give 500ms, 10s, 2m or 1h")]
    [InlineData("--lease 25h", "--lease is too long: give 24h at most")]
    [InlineData("--", "no command given after --: leave it out, or name one, as in: bindwise pick -- npm start")]
    [InlineData("--hold", "--hold keeps the ports for a command: name one, as in: bindwise pick --hold -- npm start")]
    [InlineData("--listen-fds", "--listen-fds opens the ports for a command: name one, as in: bindwise pick --listen-fds -- npm start")]
    [InlineData("--hold --listen-fds -- true", "--listen-fds gives the command the sockets themselves: leave out --hold")]
    [InlineData("--json -- true", "--json prints the ports, and a command gets them in PORT: leave out one of the two")]
    [InlineData("--reserve --hold -- true", "--reserve keeps the ports for a program that is started later: leave it out with --hold and --listen-fds")]
    [InlineData("--reserve --lease 5s", "--reserve keeps other picks away for a minute: leave out --lease")]
    [InlineData("--udp --hold -- true", "a UDP port cannot be held for a program that binds it: leave out --hold, or pass the sockets with --listen-fds")]
    [InlineData("2 -- echo {port:3}", "there is no {port:3}: 2 ports are picked, {port:1} to {port:2}")]
    [InlineData("-- echo {port:2}", "there is no {port:2}: one port is picked, {port}")]
    [InlineData("-- echo {port:x}", "there is no {port:x}: one port is picked, {port}")]
    [InlineData("--hol", "unknown option --hol; did you mean --hold?")]
    [InlineData("--hold-leases x", "unknown option --hold-leases")]
    public void Pick_WrongUsage_IsOneLineAndTwo(string line, string error)
    {
        var run = Bindwise.Run(["pick", .. line.Split(' ')]);
        Assert.Equal((2, "", "bindwise: " + error + Hint), (run.ExitCode, run.Output, run.OneError));
    }

    [Fact]
    public void Placeholders_AreReplacedInTheArgumentsByteForByte()
    {
        byte[][] command = [.. new[] { "run-{port}", "--a={port}", "{port:2}{port:1}", "{ports}", "{port", "x{port:2}\u00e9{port}" }.Select(Encoding.UTF8.GetBytes), [0xff, .. "{port}"u8]];
        var filled = PortPlaceholders.Fill(command, [8001, 8002]);
        Assert.Equal(["run-{port}", "--a=8001", "80028001", "{ports}", "{port", "x8002\u00e98001"], filled.SkipLast(1).Select(Encoding.UTF8.GetString));
        Assert.Equal([0xff, .. "8001"u8], filled[^1]);
        Assert.Null(PortPlaceholders.WhyNot([.. command.SkipLast(1).Select(Encoding.UTF8.GetString)], 2));
    }
}
