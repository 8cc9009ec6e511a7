using Bindwise.Linux.Cgroups;
using Bindwise.Linux.Policies;
using Bindwise.Linux.Tests.KernelServices;

namespace Bindwise.Linux.Tests.Policies;

public sealed class PolicyFileTests
{
    [Theory]
    [InlineData("lockdown,capability,landlock,yama,apparmor,bpf", "AppArmor Landlock BpfLsm")]
    [InlineData("capability,selinux", "SELinux")]
    [InlineData("", null)]
    public void SecurityModules_File_NamesTheActiveOnes(string text, string? expected)
    {
        var active = SecurityModules.ParseFile(text);
        Assert.Equal(expected, active is null ? null : string.Join(' ', active.Order()));
    }

    [Theory]
    [InlineData("1\n", "system_u:system_r:httpd_t:s0\0", "httpd_t", Fact.Unknown)]
    [InlineData("0\n", "system_u:system_r:httpd_t:s0\0", "httpd_t", Fact.No)]
    public void SELinux_Enforcing_MayDenyAndPermissiveDoesNot(string enforce, string context, string type, Fact denies)
    {
        using var root = new ServiceRoot().With("/sys/fs/selinux/enforce", enforce).With("/proc/7/attr/current", context);
        var findings = new PolicyFindings();
        LabelPolicies.Read(new PolicySubject(7), [PolicyKind.SELinux], root.Files, findings);
        var survey = findings.Build(7);
        var record = Assert.Single(survey.Found);
        Assert.Equal((PolicyKind.SELinux, denies), (record.Kind, record.Denies));
        Assert.Contains(type, record.Name, StringComparison.Ordinal);
        Assert.Equal("AppArmor Smack Tomoyo", string.Join(' ', survey.Absent));
    }

    [Theory]
    [InlineData("/usr/sbin/nginx (enforce)\n", "/usr/sbin/nginx", Fact.Unknown)]
    [InlineData("web (complain)\n", "web", Fact.No)]
    public void AppArmor_Profile_MayDenyUnlessItOnlyComplains(string current, string name, Fact denies)
    {
        using var root = new ServiceRoot().With("/proc/7/attr/apparmor/current", current);
        var findings = new PolicyFindings();
        LabelPolicies.Read(new PolicySubject(7), [PolicyKind.AppArmor], root.Files, findings);
        var record = Assert.Single(findings.Build(7).Found);
        Assert.Equal((name, denies), (record.Name, record.Denies));
    }

    [Fact]
    public void AppArmor_Unconfined_IsAbsent()
    {
        using var root = new ServiceRoot().With("/proc/7/attr/current", "unconfined\n");
        var findings = new PolicyFindings();
        LabelPolicies.Read(new PolicySubject(7), [PolicyKind.AppArmor], root.Files, findings);
        Assert.Contains(PolicyKind.AppArmor, findings.Build(7).Absent);
    }

    [Fact]
    public void SecurityModules_WithoutAList_AreToldByWhatTheyRegister()
    {
        using var root = new ServiceRoot().With("/proc/filesystems", "nodev\tsysfs\nnodev\tselinuxfs\n").With("/sys/fs/selinux/enforce", "1").Folder("/sys/module/tcp_cubic");
        var findings = new PolicyFindings();
        LabelPolicies.Read(new PolicySubject(7), null, root.Files, findings);
        var survey = findings.Build(7);
        Assert.Equal(PolicyKind.SELinux, Assert.Single(survey.Found).Kind);
        Assert.Equal("AppArmor Smack", string.Join(' ', survey.Absent));
    }

    [Theory]
    [InlineData("0 6 1 8080", "tcp:8080")]
    [InlineData("0 17 1 8080", null)]
    [InlineData("2 0 1000 8000", "ipv4:8000-8999")]
    [InlineData("10 0 0 0", null)]
    [InlineData("0 0 0 0", "any")]
    [InlineData("4294967295 0 0 0", null)]
    [InlineData("0 6 1 8081", null)]
    public void SystemdRules_AsItsProgramReadsThem_FitOrDoNot(string rule, string? expected)
    {
        var words = rule.Split(' ').Select(uint.Parse).ToArray();
        byte[] bytes = [.. BitConverter.GetBytes(words[0]), .. BitConverter.GetBytes(words[1]), .. BitConverter.GetBytes((ushort)words[2]), .. BitConverter.GetBytes((ushort)words[3])];
        var request = new BindRequest { Protocol = Protocol.Tcp, Address = IpAddress.LoopbackIPv4, Port = 8080 };
        Assert.Equal(expected, SystemdBindRules.Match(bytes, request, out var isKnown));
        Assert.True(isKnown);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 0, 1, 0, 0x90, 0x1f, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 6 })]
    public void SystemdRules_OfAnotherForm_AreNotRead(byte[] bytes)
    {
        var request = new BindRequest { Protocol = Protocol.Tcp, Address = IpAddress.LoopbackIPv4, Port = 8080 };
        Assert.Null(SystemdBindRules.Match(bytes, request, out var isKnown));
        Assert.False(isKnown);
    }

    [Fact]
    public void Levels_OfACgroup_GoUpToTheMount()
    {
        Assert.Equal([("/a/b.slice/c.service", "/b.slice/c.service"), ("/a/b.slice", "/b.slice"), ("/a", "")], CgroupPath.Levels("/a/b.slice/c.service", "/b.slice/c.service"));
        Assert.Equal([("/x", "/x"), ("/", "")], CgroupPath.Levels("/x", "/x"));
        Assert.Equal([("/", "/")], CgroupPath.Levels("/", "/"));
    }
}
