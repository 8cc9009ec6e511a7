using System.Collections.Immutable;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Targets;
using static Bindwise.Model.Tests.Diagnosing.Hosts;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>Which policy is named, and when it is said to be the one.</summary>
public sealed class PolicyTests
{
    private const int EPERM = 1;
    private const int EACCES = 13;

    private static readonly ImmutableArray<PolicyKind> Everything = [.. Enum.GetValues<PolicyKind>()];

    [Fact]
    public void PolicyThatWasShownToRefuse_IsTheOne()
    {
        var answer = Ask(EACCES, new PolicySurvey { Found = [Record(PolicyKind.Seccomp, Fact.Yes), Record(PolicyKind.SELinux, Fact.Unknown)] });
        var policy = Assert.Single(answer.Policies);
        Assert.Equal((PolicyKind.Seccomp, true), (policy.Kind, policy.IsCertain));
        Assert.Equal("0.0.0.0:8080/tcp cannot be bound (EACCES): a seccomp filter refuses it.", answer.Summary);
        Assert.Equal("look-at-filter", answer.Remedies[0].Id);
    }

    [Fact]
    public void OnlyPolicyThatIsLeft_IsTheOne()
    {
        var answer = Ask(EACCES, new PolicySurvey { Absent = [.. Everything.Where(static k => k is not PolicyKind.Landlock)] });
        var policy = Assert.Single(answer.Policies);
        Assert.Equal((PolicyKind.Landlock, true), (policy.Kind, policy.IsCertain));
    }

    [Fact]
    public void SeveralThatAreLeft_ArePossibleAndNoneIsClaimed()
    {
        var answer = Ask(EACCES, new PolicySurvey { Found = [Record(PolicyKind.SELinux, Fact.Unknown)], Absent = [.. Everything.Where(static k => k is not (PolicyKind.SELinux or PolicyKind.Landlock))] });
        Assert.Equal([PolicyKind.SELinux, PolicyKind.Landlock], answer.Policies.Select(static p => p.Kind));
        Assert.All(answer.Policies, static p => Assert.False(p.IsCertain));
        Assert.Contains(answer.Remedies, static r => r.Command == "semanage port -a -t http_port_t -p tcp 8080 || semanage port -m -t http_port_t -p tcp 8080");
        Assert.Contains(answer.Limits, static l => l.Id == "landlock-unseen");
    }

    [Theory]
    [InlineData(EPERM, "CgroupBpf Seccomp Tomoyo BpfLsm")]
    [InlineData(EACCES, "Seccomp SELinux AppArmor Smack Landlock")]
    public void NothingKnown_LeavesThoseThatAnswerSo(int errno, string expected) =>
        Assert.Equal(expected, string.Join(' ', Ask(errno, new PolicySurvey()).Policies.Select(static p => p.Kind)));

    [Fact]
    public void PolicyThatLetsItPass_IsNotNamed()
    {
        var answer = Ask(EACCES, new PolicySurvey { Found = [Record(PolicyKind.SELinux, Fact.No)] });
        Assert.DoesNotContain(answer.Policies, static p => p.Kind == PolicyKind.SELinux);
    }

    [Fact]
    public void PolicyOfASystemdUnit_IsCalledByItsSettingAndChangedThere()
    {
        var answer = Ask(EPERM, new PolicySurvey
        {
            Found = [new PolicyRecord(PolicyKind.CgroupBpf, Name: "sd_bind4",
            Where: "/system.slice/web.service", Denies: Fact.Yes)]
        });
        Assert.Equal("0.0.0.0:8080/tcp cannot be bound (EPERM): systemd's SocketBindDeny= of web.service refuses it.", answer.Summary);
        Assert.Contains(answer.Remedies, static r => r.Id == "allow-in-unit" && r.Command == "mkdir -p /etc/systemd/system/web.service.d && "
            + "printf '[Service]\\nSocketBindAllow=tcp:8080\\n' | tee /etc/systemd/system/web.service.d/bindwise-tcp-8080.conf && systemctl daemon-reload && systemctl restart web.service");
    }

    [Fact]
    public void OtherWaysUnderAPolicy_AreNotPromised()
    {
        var answer = Ask(EPERM, new PolicySurvey());
        Assert.All(answer.Attempts.Where(static a => !a.Bind.IsProbed), static a => Assert.Null(a.Bind.Result));
    }

    [Fact]
    public void AnErrnoThatTheRulesDoNotKnow_IsNoDisagreementOnceAPolicyIsShown()
    {
        const int EPROTO = 71;
        Assert.NotNull(Ask(EPROTO, null).Disagreement);
        var answer = Ask(EPROTO, new PolicySurvey { Found = [Record(PolicyKind.Seccomp, Fact.Yes)] });
        Assert.Equal(("denied-by-policy", "BW060"), (answer.Cause.Id(), answer.Rule!.Id.Value));
        Assert.Null(answer.Disagreement);
    }

    [Fact]
    public void FreePort_HasNoPolicies()
    {
        var request = Request("0.0.0.0");
        var host = With().Probed(request, 0) with { Policies = new PolicySurvey { Found = [Record(PolicyKind.SELinux, Fact.Unknown)] } };
        Assert.Empty(Diagnoser.Diagnose(PortTarget("0.0.0.0"), ProgramOptions.None, host).Policies);
    }

    private static PolicyRecord Record(PolicyKind kind, Fact denies) => new(kind, Name: "x", Denies: denies);

    private static Diagnosis Ask(int errno, PolicySurvey? survey) =>
        Diagnoser.Diagnose(PortTarget("0.0.0.0"), ProgramOptions.None, With().Probed(Request("0.0.0.0"), errno) with { Policies = survey });
}
