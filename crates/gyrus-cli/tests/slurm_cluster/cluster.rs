//! Controller, two nodes of a core each, and munge, in a folder of their own; they end with the test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::program::{Ran, command};
use super::study::Study;

/// Two nodes that are up, and a third for what takes its time beside everything else.
pub struct Slurm {
    folder: tempfile::TempDir,
    services: Vec<(&'static str, Child)>,
}

/// Long enough for a machine that does other things too.
pub const PATIENCE: Duration = Duration::from_secs(600);

/// Ports of the controller and of the nodes.
const PORTS: [u16; 4] = [26817, 26821, 26822, 26823];

pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

impl Slurm {
    pub fn start() -> Self {
        let mut slurm = Self { folder: tempfile::tempdir().unwrap(), services: Vec::new() };
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
        fs::write(slurm.path("slurm.conf"), configuration(host.trim(), slurm.folder.path())).unwrap();
        fs::create_dir(slurm.path("state")).unwrap();
        let key: Vec<u8> =
            (0..1024_u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        fs::write(slurm.path("munge.key"), key).unwrap();
        let own = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(slurm.path("munge.key"), own).unwrap();
        let at = |option: &str, name: &str| format!("--{option}={}", slurm.path(name).display());
        let options = [
            at("key-file", "munge.key"),
            at("socket", "munge.sock"),
            at("pid-file", "munged.pid"),
            at("log-file", "munged.log"),
            at("seed-file", "munged.seed"),
        ];
        let words: Vec<&str> =
            ["--foreground", "--force"].into_iter().chain(options.iter().map(String::as_str)).collect();
        slurm.serve("munged", &words);
        wait_until("munge answers", || slurm.path("munge.sock").exists());
        slurm.serve("slurmctld", &["-D", "-c"]);
        for node in ["n1", "n2", "n3"] {
            slurm.serve("slurmd", &["-D", "-N", node]);
        }
        slurm.wait_for_nodes(2);
        slurm
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn serve(&mut self, program: &'static str, words: &[&str]) {
        let log = fs::File::create(self.path(&format!("{program}-{}.out", self.services.len()))).unwrap();
        let mut service = Command::new(installed(program));
        service.args(words).env("SLURM_CONF", self.path("slurm.conf")).stdout(Stdio::null()).stderr(log);
        self.services.push((program, service.spawn().unwrap()));
    }

    /// A command of Slurm's, and what it printed.
    pub fn ask(&self, program: &str, words: &[&str]) -> String {
        let output =
            Command::new(program).args(words).env("SLURM_CONF", self.path("slurm.conf")).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn wait_for_nodes(&self, count: usize) {
        wait_until("nodes are idle", || {
            let shown = self.ask("sinfo", &["--noheader", "--Node", "--partition=main", "--format=%N %T"]);
            shown.matches("idle").count() == count
        });
    }

    pub fn set_nodes(&self, state: &str) {
        self.set("n1,n2", state);
    }

    pub fn set(&self, nodes: &str, state: &str) {
        let (nodes, state) = (format!("NodeName={nodes}"), format!("State={state}"));
        self.ask("scontrol", &["update", &nodes, &state, "Reason=test"]);
    }

    /// Ends a service without warning and starts it again.
    pub fn kill(&mut self, program: &'static str) {
        self.end(program);
        std::thread::sleep(Duration::from_secs(1));
        self.begin(program);
    }

    /// Ends a service without warning: the controller, or that of the first node.
    pub fn end(&mut self, program: &'static str) {
        let place = self.services.iter().position(|(name, _)| *name == program).unwrap();
        let (_, mut service) = self.services.remove(place);
        service.kill().unwrap();
        service.wait().unwrap();
    }

    /// Starts it again, before the others: it is the one that ends next.
    pub fn begin(&mut self, program: &'static str) {
        let words: &[&str] = if program == "slurmctld" { &["-D"] } else { &["-D", "-N", "n1"] };
        self.serve(program, words);
        self.services.rotate_right(1);
    }

    /// `gyrus` where Slurm's commands find this cluster.
    pub fn gyrus(&self, words: &[&str]) -> Ran {
        Ran::from(command(words).env("SLURM_CONF", self.path("slurm.conf")).output().unwrap())
    }

    /// Hands in what is missing, a job per task.
    pub fn submit(&self, study: &Study) -> String {
        self.submit_with(&study.path("out"), &["--share-minutes", "0"])
    }

    /// Hands in what is missing of an output folder.
    pub fn submit_with(&self, output: &Path, further: &[&str]) -> String {
        let words = ["submit", output.to_str().unwrap(), "--threads", "1"];
        self.gyrus(&[&words, further].concat()).succeeded().stderr
    }

    pub fn status(&self, study: &Study) -> String {
        self.gyrus(&["status", study.path("out").to_str().unwrap()]).succeeded().stdout
    }

    pub fn wait_for_queue(&self) {
        self.wait_for_queue_of("main,urgent");
    }

    pub fn wait_for_queue_of(&self, partitions: &str) {
        wait_until("the queue is empty", || {
            let mut asked = Command::new("squeue");
            asked.args(["--noheader", "--partition", partitions]).env("SLURM_CONF", self.path("slurm.conf"));
            let answer = asked.output();
            answer.is_ok_and(|answer| answer.status.success() && answer.stdout.trim_ascii().is_empty())
        });
    }

    /// What Slurm knows, for whoever reads why a test failed.
    fn tell(&self) {
        eprintln!(
            "{}{}",
            self.ask("squeue", &["--array", "--long"]),
            self.ask("sinfo", &["--Node", "--long"])
        );
        let log = fs::read_to_string(self.path("slurmctld.log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        eprintln!("{}", lines[lines.len().saturating_sub(60)..].join("\n"));
    }
}

impl Drop for Slurm {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.tell();
        }
        self.ask("scancel", &["--user=root"]);
        for (_, service) in self.services.iter_mut().rev() {
            // It may have ended before.
            let _ = service.kill();
            let _ = service.wait();
        }
    }
}

fn installed(program: &str) -> PathBuf {
    let folders = ["/usr/sbin", "/usr/bin", "/usr/local/sbin"].map(|folder| Path::new(folder).join(program));
    folders.into_iter().find(|file| file.is_file()).unwrap_or_else(|| PathBuf::from(program))
}

fn configuration(host: &str, folder: &Path) -> String {
    let at = folder.display();
    let [controller, first, second, third] = PORTS;
    format!(
        "ClusterName=gyrus\n\
         SlurmctldHost={host}(127.0.0.1)\n\
         SlurmctldPort={controller}\n\
         SlurmUser=root\n\
         SlurmdUser=root\n\
         AuthType=auth/munge\n\
         AuthInfo=socket={at}/munge.sock,cred_expire=15\n\
         ProctrackType=proctrack/linuxproc\n\
         TaskPlugin=task/none\n\
         SelectType=select/cons_tres\n\
         SelectTypeParameters=CR_Core_Memory\n\
         StateSaveLocation={at}/state\n\
         SlurmdSpoolDir={at}/spool.%n\n\
         SlurmctldPidFile={at}/slurmctld.pid\n\
         SlurmdPidFile={at}/slurmd.%n.pid\n\
         SlurmctldLogFile={at}/slurmctld.log\n\
         SlurmdLogFile={at}/slurmd.%n.log\n\
         ReturnToService=2\n\
         MpiDefault=none\n\
         SwitchType=switch/none\n\
         JobAcctGatherType=jobacct_gather/none\n\
         AccountingStorageType=accounting_storage/none\n\
         MaxArraySize=5\n\
         KillWait=5\n\
         PreemptType=preempt/partition_prio\n\
         PreemptMode=REQUEUE\n\
         SlurmdTimeout=10\n\
         SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0\n\
         NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={first} CPUs=1 RealMemory=6000\n\
         NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={second} CPUs=1 RealMemory=6000\n\
         NodeName=n3 NodeHostname={host} NodeAddr=127.0.0.1 Port={third} CPUs=1 RealMemory=6000\n\
         PartitionName=main Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP PriorityTier=1\n\
         PartitionName=urgent Nodes=n1,n2 MaxTime=INFINITE State=UP PriorityTier=9\n\
         PartitionName=aside Nodes=n3 MaxTime=INFINITE State=UP PriorityTier=1\n"
    )
}
