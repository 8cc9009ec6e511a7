using System.Text;
using Bindwise.Linux.Sysctls;
using Bindwise.Linux.Tests.Kernel;

namespace Bindwise.Linux.Tests.Sysctls;

public sealed class HostSettingsReaderTests
{
    [KernelFact]
    public void Settings_AskedForWhole_AreThoseOfTheThreadsNamespace() => NetworkNamespace.Run(() =>
    {
        Write("ipv4/ip_unprivileged_port_start", "80");
        Write("ipv4/ip_local_port_range", "40001 40100");
        Write("ipv4/ip_local_reserved_ports", "40005,40010-40020");
        Write("ipv4/ip_nonlocal_bind", "1");
        Write("ipv6/bindv6only", "1");
        Write("ipv4/tcp_fin_timeout", "30");

        var settings = HostSettingsReader.Read(SettingParts.All);

        Assert.Equal(80, settings.UnprivilegedPortStart);
        Assert.Equal((40001, 40100), (settings.LocalPortFirst, settings.LocalPortLast));
        Assert.Equal([new PortRange(40005, 40005), new PortRange(40010, 40020)], settings.ReservedPorts.ToArray());
        Assert.Equal((true, false), (settings.NonLocalBindIPv4, settings.NonLocalBindIPv6));
        Assert.True(settings.BindV6Only);
        Assert.False(settings.AutobindReuse);
        Assert.Equal(30, settings.FinTimeoutSeconds);
        Assert.False(settings.DisableIPv6);
        Assert.True(settings.HasIPv4 && settings.HasIPv6);
    });

    [KernelFact]
    public void Settings_NotAskedFor_StayUnknown() => NetworkNamespace.Run(() =>
        Assert.Equal(new HostSettings { UnprivilegedPortStart = 1024 }, HostSettingsReader.Read(SettingParts.Privilege)));

    [KernelFact]
    public void ReservedPorts_EverySecond_AreReadWhole() => NetworkNamespace.Run(() =>
    {
        Write("ipv4/ip_local_reserved_ports", string.Join(',', Enumerable.Range(0, 600).Select(i => 40_001 + 2 * i)));

        Assert.Equal(600, HostSettingsReader.Read(SettingParts.EphemeralRange).ReservedPorts.Length);
    });

    [KernelTheory]
    [InlineData("1", null, true)]
    [InlineData("1", "0", false)]
    [InlineData("0", null, false)]
    public void IPv6_SwitchedOff_IsToldUnlessLoopbackHasIt(string all, string? loopback, bool expected) => NetworkNamespace.Run(() =>
    {
        Write("ipv6/conf/all/disable_ipv6", all);
        if (loopback is not null)
            Write("ipv6/conf/lo/disable_ipv6", loopback);

        Assert.Equal(expected, HostSettingsReader.Read(SettingParts.DisableIPv6).DisableIPv6);
    });

    [Theory]
    [InlineData("", "")]
    [InlineData("\n", "")]
    [InlineData("80\n", "80-80")]
    [InlineData("80,90-91,100\n", "80-80 90-91 100-100")]
    [InlineData("80,x,90-,91-90,70000,92-x,93", "80-80 93-93")]
    public void ReservedPorts_AsTheKernelPrintsThem_AreRead(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', HostSettingsReader.ParsePorts(Encoding.ASCII.GetBytes(text)).Select(range => $"{range.First}-{range.Last}")));

    [Theory]
    [InlineData("6.18.44-fc-v657", true)]
    [InlineData("6.8.0", true)]
    [InlineData("6.7.12", false)]
    [InlineData("5.15.0-91-generic", false)]
    [InlineData("7.0", true)]
    [InlineData("", true)]
    [InlineData("unreadable", true)]
    public void Release_SinceSixPointEight_ShowsBoundSockets(string release, bool expected) =>
        Assert.Equal(expected, KernelRelease.OfOrDocumented(release).Has(KernelChanges.BoundSocketsListed));

    [KernelFact]
    public void Release_OfThisKernel_IsOneLine() =>
        Assert.Equal(File.ReadAllText("/proc/sys/kernel/osrelease").TrimEnd('\n'), RunningKernel.ReadName());

    private static void Write(string name, string value) => File.WriteAllText("/proc/sys/net/" + name, value);
}
