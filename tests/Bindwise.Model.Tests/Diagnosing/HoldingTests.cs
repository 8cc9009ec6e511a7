using Bindwise.Model.Diagnosing;
using Bindwise.Model.Targets;
using Bindwise.Model.Tests.Rules;
using static Bindwise.Model.Tests.Diagnosing.Hosts;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>What is said of sockets that no process shows among its descriptors: by what they are held, or what may hold them.</summary>
public sealed class HoldingTests
{
    private static readonly ScmRightsInFlight Carried = new()
    {
        ProcessId = 5,
        Descriptor = 9,
        Inode = 900,
        Count = 1,
        Carried = 7,
        SenderInode = 901,
        Senders = [6],
    };

    private static Snapshot Listener => With("tcp 0.0.0.0 LISTEN");

    private static Diagnosis Ask(Snapshot snapshot) => Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, snapshot);

    private static Snapshot InFlight(ScmRightsInFlight inFlight, params ProcessRecord[] processes) => Listener with
    {
        Processes = [.. processes],
        DescriptorsInFlight = [inFlight],
        Holders = [.. processes.Where(p => p.Id == inFlight.ProcessId).Select(p => new Holder(7, p.Id, inFlight.Descriptor, Way: HoldingWay.InFlight))],
        Coverage = Listener.Coverage with { QueuesRead = true },
    };

    [Fact]
    public void SocketInFlight_IsToldWithItsReceiverAndSender()
    {
        var answer = Ask(InFlight(Carried, Process(5, "srv"), Process(6, "parent")));

        Assert.Equal("descriptor-in-flight", answer.Cause.Id());
        Assert.Equal(Cause.Listener, Assert.Single(answer.Factors));
        Assert.Equal("8080/tcp is taken (EADDRINUSE): a socket that waits to be received by srv (pid 5) listens on 0.0.0.0:8080.", answer.Summary);
        Assert.Contains(answer.Why, why => why.EndsWith("it waits in the queue of a UNIX socket, which srv (pid 5) has open. The sending end is open in parent (pid 6).", StringComparison.Ordinal));
        var owner = Assert.Single(answer.Blockers[0].Owners);
        Assert.Equal((OwnerRole.Receiver, HoldingWay.InFlight, 0), (owner.Role, Assert.Single(owner.Ways), owner.Descriptors.Length));
        Assert.Equal(["receive-descriptor", "end-process"], answer.Remedies.Take(2).Select(static r => r.Id));
        Assert.Equal("kill 5", answer.Remedies[1].Command);
        Assert.DoesNotContain(answer.Limits, static l => l.Id == "owner-not-found");
    }

    [Theory]
    [InlineData(901ul, true, "No visible process holds the sending end.")]
    [InlineData(0ul, true, "The sending end is closed.")]
    [InlineData(0ul, false, "Its sender is not known.")]
    public void SenderThatIsNotThere_IsNotInvented(ulong sender, bool queuesRead, string said)
    {
        var host = InFlight(Carried with { SenderInode = sender, Senders = [] }, Process(5, "srv"));
        var answer = Ask(host with { Coverage = host.Coverage with { QueuesRead = queuesRead } });

        Assert.Contains(answer.Why, why => why.EndsWith(said, StringComparison.Ordinal));
    }

    [Fact]
    public void ConnectionThatNobodyAccepted_HasToBeAccepted()
    {
        var answer = Ask(InFlight(Carried with { IsUnaccepted = true }, Process(5, "srv")));

        Assert.Contains(answer.Why, static why => why.Contains("waits to be accepted at a listening UNIX socket, which srv (pid 5) has open", StringComparison.Ordinal));
        Assert.StartsWith("Let srv (pid 5) accept the connection", answer.Remedies[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void QueueThatNoVisibleProcessHolds_IsStillInFlight()
    {
        var answer = Ask(InFlight(Carried with { ProcessId = 0, Descriptor = -1 }));

        Assert.Equal("descriptor-in-flight", answer.Cause.Id());
        Assert.Equal("8080/tcp is taken (EADDRINUSE): a socket that waits to be received listens on 0.0.0.0:8080.", answer.Summary);
        Assert.Contains(answer.Why, static why => why.Contains("which no visible process holds", StringComparison.Ordinal));
        Assert.Empty(answer.Blockers[0].Owners);
        Assert.DoesNotContain(answer.Remedies, static r => r.Command?.Contains("kill", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void StoppedReceiver_IsLetGoOnFirst()
    {
        var answer = Ask(InFlight(Carried, Process(5, "srv", state: 'T')));

        Assert.Equal(("descriptor-in-flight", "kill -CONT 5"), (answer.Cause.Id(), answer.Remedies[0].Command));
        Assert.Contains(Cause.StoppedProcess, answer.Factors);
    }

    [Fact]
    public void HoldersOfWhichOneIsFrozenAndOneSuspended_DoNotServe()
    {
        var frozen = Process(5, "web") with { Cgroup = "/web", Freeze = new CgroupFreeze { Path = "/web", Files = ["/sys/fs/cgroup/web/cgroup.freeze"] } };
        var suspended = Process(6, "web", state: 'T');
        var host = Listener with
        {
            Processes = [frozen, suspended],
            Holders = [new Holder(7, 5, 3), new Holder(7, 6, 3)],
        };

        var answer = Ask(host);
        Assert.Equal("stopped-process", answer.Cause.Id());
        Assert.EndsWith("listen on 0.0.0.0:8080, but are suspended.", answer.Summary, StringComparison.Ordinal);
        Assert.Equal("kill -CONT 6 && kill 5 6 && echo 0 | tee /sys/fs/cgroup/web/cgroup.freeze", answer.Remedies[0].Command);
    }

    [Fact]
    public void ReceiverFromWhichTheQuestionCame_IsNotEnded()
    {
        var host = InFlight(Carried, Process(5, "srv"));
        var answer = Ask(host with { Caller = host.Caller with { ProcessId = 60, AncestorIds = [5, 1] } });

        Assert.Contains(answer.Remedies, static one => one.Id == "end-starter");
        Assert.DoesNotContain(answer.Remedies, static one => one.Command?.Contains("kill", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void SocketThatSomebodyHasAndThatIsInFlightToo_IsHisAlready()
    {
        var host = InFlight(Carried, Process(5, "srv"), Process(6, "parent"));
        var answer = Ask(host with { Holders = [.. host.Holders, new Holder(7, 6, 3)] });

        Assert.Equal("listener", answer.Cause.Id());
        Assert.Equal([(6, OwnerRole.Creator), (5, OwnerRole.Receiver)], answer.Blockers[0].Owners.Select(static o => (o.Process.Id, o.Role)));
    }

    [Fact]
    public void QueuesOfWhichOnlyTheLengthIsKnown_AreNoProof()
    {
        var host = Listener with
        {
            DescriptorsInFlight = [new ScmRightsInFlight
        {
            ProcessId = 5,
            Descriptor = 9,
            Inode = 900,
            Count = 2,
        }],
            Processes = [Process(5, "srv")]
        };
        var answer = Ask(host);

        Assert.Equal("listener", answer.Cause.Id());
        Assert.Contains(answer.Limits, static l => l.Id == "owner-not-found" && l.Text.EndsWith("of 1 process: it may be one of them.", StringComparison.Ordinal));
        Assert.Empty(answer.Blockers[0].Flights);
    }

    [Theory]
    [InlineData(HoldingWay.Mapping, "a memory mapping of the socket (mmap()), which outlives its descriptor")]
    [InlineData(HoldingWay.IoUring, "io_uring's registered files, which outlive the descriptor")]
    [InlineData(HoldingWay.SystemCall, "a system call that has not returned, although its descriptor is closed")]
    [InlineData(HoldingWay.IoUringRequest, "a request of io_uring that has not ended, although its descriptor is closed")]
    [InlineData(HoldingWay.AioRequest, "a request of AIO (io_submit()) that has not ended, although its descriptor is closed")]
    [InlineData(HoldingWay.ThreadTable, "a descriptor in the table of one thread (CLONE_FILES not shared)")]
    internal void SocketHeldOutOfSight_IsToldByWhat(HoldingWay way, string what)
    {
        int? thread = way == HoldingWay.ThreadTable ? 15 : null;
        var answer = Ask(Listener with { Processes = [Process(5, "srv")], Holders = [new Holder(7, 5, 3, ThreadId: thread, Way: way)] });

        Assert.Equal("hidden-descriptor", answer.Cause.Id());
        Assert.Contains($"The socket is held by {what}, so /proc/PID/fd, ss, lsof and fuser do not show it.", answer.Why);
        var owner = answer.Blockers[0].Owners.Single();
        Assert.Equal((way, thread), (owner.Ways.Single(), owner.ThreadId));
        Assert.Equal(way == HoldingWay.ThreadTable ? 1 : 0, owner.Descriptors.Length);
    }

    [Fact]
    public void HolderThatOnlyFits_IsProbable()
    {
        var answer = Ask(Listener with { Processes = [Process(5, "srv")], Holders = [Pending(5)] });

        Assert.Equal("hidden-descriptor", answer.Cause.Id());
        Assert.Equal("8080/tcp is taken (EADDRINUSE): probably srv (pid 5) listens on 0.0.0.0:8080.", answer.Summary);
        Assert.Contains("The socket is probably held by a system call that has not returned (accept4()), although its descriptor is closed, so /proc/PID/fd, ss, lsof and fuser do not show it.", answer.Why);
        Assert.Equal((OwnerRole.Candidate, "accept4"), (answer.Blockers[0].Owners.Single().Role, answer.Blockers[0].Owners.Single().Call));
        Assert.Equal(("kill 5", "Stop srv (pid 5), which probably holds it."), (answer.Remedies[0].Command, answer.Remedies[0].Text));
        Assert.Single(answer.Limits, static l => l.Id == "holder-inferred");
        Assert.DoesNotContain(answer.Limits, static l => l.Id is "owner-not-found" or "kernel-service-not-found");
    }

    [Fact]
    public void SeveralHoldersThatFit_AreCandidatesOneAfterTheOther()
    {
        var answer = Ask(Listener with { Processes = [Process(5, "srv"), Process(6, "other")], Holders = [Pending(5), Pending(6)] });

        Assert.Equal("8080/tcp is taken (EADDRINUSE): probably srv (pid 5) or other (pid 6) listens on 0.0.0.0:8080.", answer.Summary);
        Assert.All(answer.Blockers[0].Owners, static owner => Assert.Equal(OwnerRole.Candidate, owner.Role));
        Assert.Equal(["kill 5", "kill 6"], answer.Remedies.Where(static r => r.Id == "end-process").Select(static r => r.Command));
        Assert.StartsWith("If the port is still taken then", answer.Remedies[1].Text, StringComparison.Ordinal);
    }

    private static Holder Pending(int pid) => new(7, pid, 3, ThreadId: pid + 10, Way: HoldingWay.SystemCall) { Call = "accept4", IsInferred = true };

    [Fact]
    public void SocketWithADescriptorAndAMapping_IsNotHidden()
    {
        var answer = Ask(Listener with { Processes = [Process(5, "srv")], Holders = [new Holder(7, 5, 3), new Holder(7, 5, -1, Way: HoldingWay.Mapping)] });

        Assert.Equal("listener", answer.Cause.Id());
        Assert.Equal([HoldingWay.Descriptor, HoldingWay.Mapping], answer.Blockers[0].Owners.Single().Ways.AsEnumerable());
    }

    [Fact]
    public void EndedLeadersThreads_ShareATableThatIsNotHidden()
    {
        var host = Listener with
        {
            Processes = [Process(5, "srv", state: 'Z') with { LivingThreads = 2 }],
            Holders = [new Holder(7, 5, 3, ThreadId: 6, Way: HoldingWay.ThreadTable)],
        };
        var answer = Ask(host);

        Assert.Equal("zombie-process", answer.Cause.Id());
        Assert.DoesNotContain(Cause.HiddenDescriptor, answer.Factors);
    }

    [Theory]
    [InlineData(Fact.Yes, false, "No process shows the descriptor: the kernel itself may hold it.")]
    [InlineData(Fact.Yes, true, "No process shows the descriptor, and it waits in no queue of the UNIX sockets that could be inspected: the kernel itself may hold it.")]
    [InlineData(Fact.Unknown, false, "No process shows the descriptor: the kernel itself may hold it, or a process in another PID namespace.")]
    [InlineData(Fact.No, true, "No process of this PID namespace holds it, and it waits in no queue of the UNIX sockets that could be inspected: bindwise runs in a container or similar, and the holder is probably outside. Run bindwise why 8080 on the host.")]
    public void NobodyToBeSeen_IsToldWithWhatWasRuledOut(Fact initial, bool queuesRead, string said)
    {
        var host = Listener with { Caller = Listener.Caller with { InInitialPidNamespace = initial }, Coverage = Listener.Coverage with { QueuesRead = queuesRead } };

        Assert.Equal(said, Ask(host).Limits.Single(static l => l.Id == "owner-not-found").Text);
    }

    [Theory]
    [InlineData(false, "listener")]
    [InlineData(true, "kernel-socket")]
    public void MultipathListenerWithoutAProcess_IsTheKernelsOnlyWhereThereIsAnEndpoint(bool hasEndpoint, string cause)
    {
        var endpoint = new KernelService(KernelServiceKind.MptcpEndpoint, Protocol.Tcp, Name: "3", Port: 8080);
        var host = Of(SocketLine.Held("tcp 0.0.0.0 LISTEN") with { IsMultipath = Fact.Yes, Cookie = 70 }) with
        {
            KernelSurvey = new KernelSurvey
            {
                Services = hasEndpoint ? [endpoint] : [],
                SocketsWalked = true,
                Sockets = [new KernelSocketRecord(70, OpenedByKernel: Fact.Yes, Handler: "subflow_data_ready")],
            },
        };
        var answer = Ask(host);

        Assert.Equal(cause, answer.Cause.Id());
        Assert.Equal(hasEndpoint, answer.Summary.Contains("the MPTCP endpoint with id 3", StringComparison.Ordinal));
        Assert.Equal(hasEndpoint, answer.Remedies[0].Command == "ip mptcp endpoint delete id 3");
        Assert.Contains(answer.Why, static why => why.StartsWith("It is an MPTCP socket", StringComparison.Ordinal));
        Assert.DoesNotContain(answer.Limits, static l => l.Text.Contains("the kernel itself may hold it", StringComparison.Ordinal));
    }

    [Fact]
    public void MultipathConnection_IsToldByTheStateOfItsMptcpSocket()
    {
        var socket = SocketLine.Held("tcp 0.0.0.0 FIN_WAIT2") with
        {
            IsMultipath = Fact.Yes,
            SubflowState = TcpSocketState.Established,
            Inode = 0,
            MillisecondsLeft = 58_000,
        };
        var answer = Ask(Of(socket));

        Assert.Equal(("fin-wait", ClosedFirst.Local), (answer.Cause.Id(), answer.ClosedFirst!.Value));
        Assert.NotNull(answer.FreeAt);
        Assert.Contains(answer.Why, static why => why.StartsWith("This side closed the MPTCP connection (DATA_FIN)", StringComparison.Ordinal));
        Assert.Contains(answer.Why, static why => why.Contains("its TCP subflow, which ss -t shows as ESTABLISHED", StringComparison.Ordinal));
    }

    [Fact]
    public void HintAtTheMaker_IsCalledAHintAndOnlyGivenWithoutAnOwner()
    {
        var hint = new CreatorHint { Inode = 7, UserName = "www-data", Unit = "nginx.service", Cgroup = "/system.slice/nginx.service" };
        var hidden = Listener with { Hints = [hint], Coverage = Listener.Coverage with { UnreadableProcesses = 3 } };

        Assert.Contains(
            new Remark
            {
                Id = "creator-hint",
                Text = "A hint, not proof: the socket 0.0.0.0:8080 was created by user www-data in unit nginx.service, and may have been passed on since.",
            },
            Ask(hidden).Limits);
        Assert.DoesNotContain(Ask(hidden.HeldBy(Process(5, "srv"))).Limits, static l => l.Id == "creator-hint");
        Assert.Contains("created by a user outside this user namespace in unit nginx.service,", Ask(hidden with { Hints = [hint with { UserName = null, IsOutsideUser = true }] })
            .Limits.Single(static l => l.Id == "creator-hint").Text, StringComparison.Ordinal);
        Assert.Contains("by uid 0 in cgroup /jobs/1,", Ask(hidden with
        {
            Hints = [new CreatorHint
        {
            Inode = 7,
            Cgroup = "/jobs/1",
        }]
        }).Limits.Single(static l => l.Id == "creator-hint").Text, StringComparison.Ordinal);
        Assert.Contains("by uid 0 in container 0123456789ab,", Ask(hidden with
        {
            Hints = [new CreatorHint
        {
            Inode = 7,
            Container = "0123456789abcdef",
        }]
        }).Limits.Single(static l => l.Id == "creator-hint").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void HoldersBeyondTheList_AreToldAndNobodyIsCalledTheMaker()
    {
        var host = Listener.HeldBy(Process(5, "srv"), Process(6, "srv", parent: 5)) with { HoldersOmitted = [new HolderTally(7, 40), new HolderTally(8, 90)] };
        var answer = Ask(host);

        Assert.All(answer.Blockers[0].Owners, static o => Assert.Equal(OwnerRole.Holder, o.Role));
        Assert.Contains(new Remark
        {
            Id = "holders-cut",
            Text = "Not every holder of 1 socket in the way is listed: up to 40 more processes have them.",
        }, answer.Limits);
    }

    [Fact]
    public void Unreadable_InAContainer_SendsToTheHost()
    {
        var host = Listener with
        {
            Caller = Listener.Caller with { UserId = 1000, InInitialPidNamespace = Fact.No },
            Coverage = Listener.Coverage with { UnreadableProcesses = 3 },
        };

        Assert.Contains("Root on the host can see the owner; root in this container may not.", Ask(host).Limits.Single(static l => l.Id == "processes-unreadable").Text, StringComparison.Ordinal);
    }
}
