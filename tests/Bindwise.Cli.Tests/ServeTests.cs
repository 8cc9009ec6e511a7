namespace Bindwise.Cli.Tests;

/// <summary>The command line of <c>serve</c>; what it does is tried by tests/Bindwise.Dashboard.Tests.</summary>
public class ServeTests
{
    [LinuxTheory]
    [InlineData("serve --nope", "unknown option --nope")]
    [InlineData("serve --allow-action", "unknown option --allow-action; did you mean --allow-actions?")]
    [InlineData("serve --port", "--port needs a value: --port LIST")]
    [InlineData("serve --allow-actions=0", "--allow-actions takes no value")]
    [InlineData("serve --port web", "--port web is not a list of ports: give 9876, or 9876,9877-9886 to be tried in order")]
    [InlineData("serve --port 70000", "--port 70000 is not a list of ports: give 9876, or 9876,9877-9886 to be tried in order")]
    [InlineData("serve --address example.org", "--address example.org is not an address: give one of this host's, as 127.0.0.1, ::1 or 192.0.2.7")]
    [InlineData("serve --max-streams 0", "--max-streams 0 is not a number from 1 to 100000")]
    [InlineData("serve --metrics-top many", "--metrics-top many is not a number from 1 to 10000")]
    [InlineData("serve --allow-host http://ports.example.org/", "--allow-host http://ports.example.org/ is not a host's name: give it without scheme and port, as ports.example.org")]
    [InlineData("serve --prometheus localhost:9090", "--prometheus localhost:9090 is not an address: give one that begins with http:// or https://")]
    [InlineData("serve --otlp ftp://collector", "--otlp ftp://collector is not an address: give one that begins with http:// or https://")]
    [InlineData("serve --tls-key key.pem", "--tls-key needs --tls-certificate")]
    [InlineData("serve --tls-certificate cert.pem --behind-tls-proxy", "--tls-certificate and --behind-tls-proxy exclude each other: either this server speaks TLS, or the proxy")]
    [InlineData("serve --behind-tls-proxy --allow-actions", "--allow-actions behind a proxy needs --token-file: otherwise each of its clients could free ports with its rights")]
    [InlineData("serve --address 0.0.0.0", "--address 0.0.0.0 can be reached from other hosts: give --token-file too, so that not everybody can read it")]
    [InlineData("serve --address :: --token-file t", "--address :: can be reached from other hosts: give --tls-certificate and --tls-key, or --behind-tls-proxy if a proxy speaks TLS")]
    public void WrongUsage_IsOneLineAndTwo(string line, string error)
    {
        var run = Bindwise.Run(line.Split(' '));
        Assert.Equal((2, "", $"bindwise: {error} (see: bindwise serve --help)"), (run.ExitCode, run.Output, run.OneError));
    }
}
