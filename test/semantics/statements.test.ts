import { check } from './check.ts';

check({
  'misplaced statements': `
    int x;
    void f(void) {
        break;
//      ^^^^^^ error misplaced: 'break' outside a loop and a switch
        continue;
//      ^^^^^^^^^ error misplaced: 'continue' outside a loop
        switch (x) { case 1: continue; }
//                           ^^^^^^^^^ error misplaced: 'continue' outside a loop
        while (x) { switch (x) { case 1: continue; default: break; } }
        case 3: x = 1;
//      ^^^^^^^^^^^^^^ error misplaced: 'case' outside a switch
        step;
//      ^^^^^ error misplaced: 'step' divides the body of a primitive
        extern int y;
//                 ^ error misplaced: 'extern' stands outside functions
        x = old(x);
//          ^^^ error unknown-name: unknown function 'old'
    }
    primitive void p(void) { x = 1; step; x = 2; }
    task t { f(); p(); }
  `,

  'items that say what the variants are': `
    scenario "one";
    scenario "two";
//  ^^^^^^^^^^^^^^^ error duplicate-name: a scenario has one title
    option fix = { none, lock };
    when (fix == none) { option more = { a, b }; import "./x"; profile "v3.7"; scenario "three"; }
//                       ^^^^^^ error misplaced: 'option' stands outside 'when'
//                                               ^^^^^^ error misplaced: 'import' stands outside 'when'
//                                                             ^^^^^^^ error misplaced: 'profile' stands outside 'when'
//                                                                             ^^^^^^^^ error misplaced: 'scenario' stands outside 'when'
    task t { }
  `,

  'labels of a switch': `
    enum mode { ON, OFF };
    struct s { int a; } s;
    void f(enum mode m, int n, u8 b) {
        switch (m) { case ON: case OFF: break; case ON: break; }
//                                                  ^^ error duplicate-name: the switch has two labels for 0
        switch (n) { case 1 ... 3: break; case 3: break; case 5 ... 4: break; default: default: break; }
//                                             ^ error duplicate-name: the switch has two labels for 3
//                                                            ^ error bad-declaration: the range 5 ... 4 is empty
//                                                                                     ^^^^^^^ error duplicate-name: the switch has two 'default' labels
        switch (b) { case 255: break; case 256: break; case OFFF: break; }
//                                                          ^^^^ error unknown-name: unknown name 'OFFF'; did you mean 'OFF'?
        switch (s) { case 1: break; }
//              ^ error type-mismatch: expected an integer to switch over, found 'struct s'
        switch (n) { case 1: switch (m) { case ON: break; } case 2: { case 4: break; } }
    }
  `,

  'wrong parts of statements': `
    struct s { int a; } s;
    void f(void) {
        while (s) ;
//             ^ error type-mismatch: expected a condition
        do ; while (g());
//                  ^ error unknown-name: unknown function 'g'
        for (int i = s; s; s++) { h(); }
//                   ^ error type-mismatch: the initial value of 'i'
//                      ^ error type-mismatch: expected a condition
//                         ^ error type-mismatch: expected an integer or a pointer beside '++'
//                                ^ error unknown-name: unknown function 'h'
        if (s) k(); else l();
//          ^ error type-mismatch: expected a condition
//             ^ error unknown-name: unknown function 'k'
//                       ^ error unknown-name: unknown function 'l'
        return f() + 1;
//             ^^^ error type-mismatch: expected an integer beside '+', found 'void'
    }
  `,

  'guest blocks': `
    struct cpu { int tlb; };
    vcpu_state struct cpu cpus;
    void guest_write(struct cpu *c, u64 gva) { c->tlb = gva; }
    void guest_both(struct cpu *c, int a, int b) { }
    void other(int a) { }
    vcpu v[i : 0..1] {
        guest { write(0x1000); other(1); if (i) both(1, 2); both(1); wrte(2); }
//                                                          ^^^^^^^ error wrong-arguments: 'both' takes 2 arguments, not 1
//                                                                   ^^^^ error unknown-name: unknown function 'wrte'
        write(1);
//      ^^^^^ error unknown-name: unknown function 'write'; did you mean 'guest_write'?
        vcpu->tlb = 1; cpus[NR_VCPUS - 1].tlb = 2;
    }
    task t { guest { write(1); } }
//           ^^^^^ error misplaced: a guest block stands in the body of a 'vcpu'
//                   ^^^^^ error misplaced: the guest has no vCPU here
  `,

  choices: `
    struct s { int a; } s, *p;
    task t {
        int n = choose(3..1);
//              ^^^^^^^^^^^^ error bad-declaration: there is nothing in 3..1 to choose from
        n = choose(p..2);
//                 ^ error type-mismatch: expected an integer, found 'struct s *'
        n = choose(1, p);
//                    ^ error type-mismatch: an alternative of choose: expected 'int', found 'struct s *'
        p = choose(p, NULL, &s);
        either { n = 1; } or { m = 2; }
//                             ^ error unknown-name: unknown name 'm'
    }
  `,
});
