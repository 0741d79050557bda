/** A program with every construct of the language, commented and laid out as the formatter would. */
export const sample = `// A comment before everything.
scenario "Nested TDP: two faults" " at once";

import "kvm/x86/shadow";
import "./common";	// beside this file
profile "v6.12";

/*
 * One option for each candidate fix.
 */
option fix = { none, spinlock, can_unsync_false, atomics };
option order = {
	first,		/* as it was */
	second,
};

machine { levels = 2; bits_per_level = 1; entry = full; }
machine {
	levels = 2;

	bits_per_level = 1;	// repeated in every verdict
}
setting depth = 4 in 2..5;
setting entry = simple in { simple, full };

typedef unsigned long gfn;
typedef int (*callback)(struct kvm *kvm, gfn start);

enum { A, B = 3, C = B + 1 };
enum level {
	PG_LEVEL_4K	= 1,
	PG_LEVEL_2M,
};

struct kvm;
struct kvm_mmu_page {
	struct list_head link;
	union {
		u64 word;
		struct {
			unsigned level:4;
			unsigned direct : 1, : 3;
		};
	} role;
	when (fix == atomics) {
		atomic_t unsync_children;
	}
	when (fix != atomics) unsigned int unsync_children;
	unsigned long	unsync_child_bitmap[8];
	void (*free)(struct kvm_mmu_page *sp, int);
	ghost int history in 0..3;
	int __rcu *owner __guarded_by(&kvm.mmu_lock), vcpu;
	unsigned long __data_racy flags;
	DECLARE_BITMAP(dirty, 512) __guarded_by(&kvm.slots_lock);
} __packed;

static struct kvm_mmu_page parent, child[2] = { { .vcpu = 1 }, { .role.word = 2 } };
static DEFINE_MUTEX(kvm_lock);
LIST_HEAD(vm_list);
const u64 masks[] = {
	[0] = 1ull << 3,
	[1] = 0x1fUL | ~0,
};
extern spinlock_t lock __acquired_after(other) __leaf;
pool struct kvm_mmu_page pages[4] reuse;
pool struct frame frames[nr_frames] at 0xffff888000001000 stride 4096;
ghost bool written[2];
ghost u64 count in 0..4 = 0;
vcpu_state struct kvm_vcpu vcpus;
lock_type spinlock_t { writers = spin_writers; wait_type = config; }
event guest_write(struct kvm_vcpu *vcpu, gva_t gva);
lock_order kvm_lock, kvm.slots_lock, vcpu[0].mutex;

#define EMPTY
#define PT64_ENT_PER_PAGE (1 << bits_per_level)
#define max(a, b) ((a) > (b) ? (a) : (b))
#define word_t unsigned long
#define debug(fmt, ...) printk(fmt, __VA_ARGS__)
#define swap(a, b) do { typeof(a) t = (a); (a) = (b); (b) = t; } while (0)
#define for_each_valid(sp, head)			\\
	list_for_each_entry(sp, head, link)		\\
		if (!(sp)->role.direct) {		\\
		} else
#define for_each_pte(iter, start) for (iter = (start); iter; iter++)
#define lock_both(a, b) \\
	spin_lock(a); \\
	spin_lock(b)

int printk(const char *fmt);
static __always_inline bool is_leaf(u64 spte) { return spte & 1; }
primitive void spin_lock(spinlock_t *l)
{
	wait_until(!l->held);
	step;
	l->held = true;
	emit guest_write(vcpu, gva + 1);
}
override static int
handle(struct kvm *kvm, struct kvm_mmu_page **list, u64 (*get)(int))
	__must_hold(kvm->mmu_lock) __releases(&lock)
{
	return -EPERM;
}

when (fix == none) {
	static int only_here;

	task extra {
		only_here++;
	}
}

init {
	for (int i = 0; i < 2; i++)
		add_parent(&child[i], &parent.spt[i]);
}

vcpu fault[i : 0..1] on cpu(i) {
	read_lock(&kvm.mmu_lock);
	try_unsync(&child[i], fix != can_unsync_false);
	read_unlock(&kvm.mmu_lock);
	guest { write(gva); read(gva); }
	guest {
		exec(gva);
	}
}
task resync daemon {
	(mode == read ? read_lock : write_lock)(&kvm.mmu_lock);
	int first = choose(0..1), second = choose(A, B, C);
	either { sync(first); } or {
		sync(second);
	} or { }
	atomic { ghost_count = 1; }
	ghost {
		written[0] = true;
	}
	ghost int local in 0..7;
}
irq tick on cpu(1) times 2 { }
irq vector on cpu(1) times 1 no_thread { raised++; }
softirq callbacks[struct rcu_head *head] daemon { head->func(head); }

static noinline void body(struct kvm_mmu_page *sp, int vcpu)
{
	int init = 3, task[2], *irq = &init;
	unsigned long old = (unsigned long)sp, *p = (u64 *)old;
	const struct kvm_mmu_page tmp = { .vcpu = -1, .role = { .word = 2 }, };
	foo bar, *baz;
	LIST_HEAD(invalid_list);

retry:
	for_each_valid(sp, &list)
		count(sp);
	for_each_pte(p, old)
		*p = 0;
	list_for_each_entry(sp, &list, link) {
		if (sp->vcpu)
			continue;
		else if (!sp->link.next && (sp->flags & 3) != 2 ||
			 sp->role.level <= 1)
			break;
		else {
			;
		}
	}
	while (!try_cmpxchg64(p, &old, old | BIT(3)))
		cpu_relax();
	do {
		x = a ? b : c ?: d;
	} while (x implies y);
	switch (sp->role.level) {
	case 1: return;
	case 2:
	case 3 ... 4: {
		goto out;
	}
	case 'x':
		x <<= 1, y ^= sizeof(struct kvm) + sizeof *p - - -1;
		fallthrough;
	default:
		break;
	}
	a = ({ int t = 1; t + 1; });
	b = ({
		int t = 2;
		t;
	});
	container_of(p, struct kvm_mmu_page, link)->vcpu = (struct kvm){ .a = 1 }.a;
	call(a,
	     b + c, "string" "other\\n",
	     { x = 1; });
	all (int i : 0..1) child[i].unsync == 0;
	// the end
loaded:	parent.unsync_children++;
	goto retry;
out:
}

before body(sp, vcpu) { seen = true; }
after body(sp) returns (r) {
	seen = old(sp->flags) + r;
}
after body() returns nothing_left: none(r) || old(count) == 0;
at release(kvm.mmu_lock): seen;
on guest_write(vcpu, gva) {
	written[gva] = true;
}

invariant children_counted unless held(kvm.mmu_lock) || in(body):
	parent.unsync_children == hweight_long(parent.unsync_child_bitmap);
finally all_done: all (int i : 0..1) any (u64 j : 0..n - 1) a[i] == j && b;
reachable both: count (int i : 0..1) child[i].unsync == 2;

expect fails children_counted, underflow when fix == none;
expect fails only deadlock when fix in { spinlock, atomics } && x implies y;
expect passes when fix != none;
expect finds lock_order_inversion not reachable when 1;
check data_race error;

schedule "as in the changelog" when fix == none {
	fault[0] until loaded;
	fault[1] until load of parent.x choosing (1, 0);
	fault[0]; fault[1] 3 steps;
	resync until store of child[0].flags;
}

EXPORT_SYMBOL_GPL(body);
// the last comment
`;
